// A server of chats for tests: a way that the test drives, and what the server would say.

import type { ChatEvent } from '@/lib/api/generated/ChatEvent';
import type { ChatAuthor } from '@/lib/api/generated/ChatAuthor';
import type { ChatMessage } from '@/lib/api/generated/ChatMessage';
import type { ChatRequest } from '@/lib/api/generated/ChatRequest';
import type { ChatSettings } from '@/lib/api/generated/ChatSettings';
import type { You } from '@/lib/api/generated/You';
import { FakeEvents } from './streams';

export const STREAM = '0199-bird-house';

export const author = (name: string, change: Partial<ChatAuthor> = {}): ChatAuthor => ({
  id: `0199-${name}`,
  name,
  handle: name.toLowerCase(),
  ...change,
});

/** Message number `at` of the chat; ids ascend as those of the server do. */
export const said = (
  at: number,
  text: string,
  by: ChatAuthor = author('Mira'),
  change: Partial<ChatMessage> = {},
): ChatMessage => ({
  id: `01990000-${String(at).padStart(6, '0')}`,
  stream: STREAM,
  author: by,
  kind: 'text',
  text,
  at: Date.UTC(2026, 10, 21, 20, 0, at),
  ...change,
});

export const RULES: ChatSettings = {
  enabled: true,
  anonymous_may_write: false,
  modes: [],
  slow_seconds: 0,
  followers_minutes: null,
  filter: 'medium',
  links: 'hold',
  rules: '',
};

export const ada = (change: Partial<You['may']> = {}): You => ({
  ...author('Ada'),
  may: { write: true, moderate: false, manage: false, ...change },
});

export const joined = (
  history: ChatMessage[],
  change: Partial<Extract<ChatEvent, { type: 'joined' }>> = {},
): ChatEvent => ({
  type: 'joined',
  v: 1,
  stream: STREAM,
  you: ada(),
  settings: RULES,
  presence: { accounts: 2, anonymous: 1 },
  history,
  resumed: false,
  emotes_version: 1,
  ...change,
});

/** What a page said on a data channel or the socket, and answers to it. */
export class FakeChannel extends EventTarget {
  static newest: FakeChannel | null = null;
  readyState = 'connecting';
  readonly sent: ChatRequest[] = [];
  onopen: (() => void) | null = null;
  onclose: (() => void) | null = null;
  onmessage: ((message: { data: string }) => void) | null = null;

  constructor() {
    super();
    FakeChannel.newest = this;
  }

  send(text: string): void {
    this.sent.push(JSON.parse(text) as ChatRequest);
  }

  close(): void {
    this.readyState = 'closed';
  }

  open(): void {
    this.readyState = 'open';
    this.onopen?.();
  }

  say(event: ChatEvent): void {
    this.onmessage?.({ data: JSON.stringify(event) });
  }

  /** The server closes it. */
  fall(): void {
    this.readyState = 'closed';
    this.onclose?.();
  }

  last<Type extends ChatRequest['type']>(type: Type): Extract<ChatRequest, { type: Type }> {
    const found = this.sent.findLast((request) => request.type === type);
    if (found === undefined) throw new Error(`No ${type} was sent`);
    return found as Extract<ChatRequest, { type: Type }>;
  }
}

/** A connection whose channels the test opens. */
export function peerWithChat(): RTCPeerConnection {
  return { createDataChannel: () => new FakeChannel() } as unknown as RTCPeerConnection;
}

/** Lets a page into its chat on `/ws`; gives what is said there, and a way to say something. */
export function chatOnSocket(answer: ChatEvent) {
  const heard: ChatRequest[] = [];
  const topic = `chat:${STREAM}`;
  const say = (event: ChatEvent) => FakeEvents.tell(topic, event);
  FakeEvents.talk(topic, (message) => {
    heard.push(message as ChatRequest);
    if (message.type === 'join') say(answer);
  });
  return {
    heard,
    say,
    of: <Type extends ChatRequest['type']>(type: Type) =>
      heard.filter((request) => request.type === type) as Extract<ChatRequest, { type: Type }>[],
  };
}

/** Frames that a test draws. */
export function frames(): { soon: (run: () => void) => void; draw: () => void } {
  let due: (() => void)[] = [];
  return {
    soon: (run) => due.push(run),
    draw: () => {
      const now = due;
      due = [];
      now.forEach((run) => run());
    },
  };
}
