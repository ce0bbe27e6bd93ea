import type { Stream, StreamCard, StreamKey } from '@/lib/streams/types';
import { vi } from 'vitest';

export const MIRA = {
  id: '0199-mira',
  handle: 'mira',
  display_name: 'Mira Holz',
  avatar_url: null,
};

/** A stream as lists show it. */
export function card(name: string, change: Partial<StreamCard> = {}): StreamCard {
  return {
    id: `0199-${name}`,
    name,
    title: name,
    owner: MIRA,
    category: null,
    tags: [],
    access: 'public',
    maturity: 'everyone',
    language: null,
    thumbnail_url: null,
    preview_url: null,
    state: 'live',
    live_since: Date.now() - 65_000,
    viewers: 0,
    scheduled_start: null,
    locked: false,
    ...change,
  };
}

/** A stream as its own page shows it. */
export function stream(name: string, change: Partial<Stream> = {}): Stream {
  return {
    ...card(name),
    description: '',
    codec: 'h264',
    layers: [],
    issues: [],
    whep_url: `/whep/${name}`,
    hls_url: `/hls/${name}/master.m3u8`,
    record: true,
    recording_visibility: 'public',
    keep_recordings_days: null,
    recording: null,
    created_at: 0,
    editable: false,
    following: false,
    saved: false,
    ...change,
  };
}

/** A stream key without its text. */
export function key(name: string, change: Partial<StreamKey> = {}): StreamKey {
  return {
    id: `key-${name}`,
    name,
    last4: 'wxyz',
    created_at: 0,
    expires_at: null,
    revoked_at: null,
    last_used_at: null,
    connected: false,
    ...change,
  };
}

export const page = <Item>(items: Item[], next: string | null = null) => ({
  items,
  next_cursor: next,
});

/** Stands in for `/ws`: says what a test wants to the topics that were subscribed to. */
export class FakeEvents {
  /** The page has one socket for all tests of a file. */
  static readonly #sockets: FakeEvents[] = [];
  static readonly #listeners = new Map<string, (message: { type: string }) => void>();
  onopen: (() => void) | null = null;
  onclose: (() => void) | null = null;
  onmessage: ((message: { data: string }) => void) | null = null;
  readonly topics = new Set<string>();

  static install(): void {
    vi.stubGlobal('WebSocket', FakeEvents);
  }

  static say(topic: string, event: string, data: unknown): void {
    for (const socket of FakeEvents.#sockets)
      if (socket.topics.has(topic))
        socket.onmessage?.({ data: JSON.stringify({ topic, event, data, at: Date.now() }) });
  }

  /** Messages of a topic that has its own, such as a chat. */
  static tell(topic: string, message: object): void {
    for (const socket of FakeEvents.#sockets)
      socket.onmessage?.({ data: JSON.stringify({ topic, ...message }) });
  }

  /** Hears what pages say on such a topic. */
  static talk(topic: string, listener: (message: { type: string }) => void): void {
    FakeEvents.#listeners.set(topic, listener);
  }

  static hears(topic: string): boolean {
    return FakeEvents.#sockets.some((socket) => socket.topics.has(topic));
  }

  constructor() {
    FakeEvents.#sockets.push(this);
    setTimeout(() => this.onopen?.(), 0);
  }

  send(text: string): void {
    const message = JSON.parse(text) as { type: string; topic?: string };
    if (message.topic === undefined) return;
    FakeEvents.#listeners.get(message.topic)?.(message);
    if (message.type === 'subscribe') this.topics.add(message.topic);
    if (message.type === 'unsubscribe') this.topics.delete(message.topic);
  }

  close(): void {
    this.onclose?.();
  }
}
