// What the reader writes, from the first key to the database of the server.

import type { ChatEvent } from '@/lib/api/generated/ChatEvent';
import type { ChatMessage } from '@/lib/api/generated/ChatMessage';
import type { ChatRequest } from '@/lib/api/generated/ChatRequest';
import type { Quote } from '@/lib/api/generated/Quote';
import type { You } from '@/lib/api/generated/You';
import type { ChatState } from './state';
import type { Transcript } from './transcript';
import type { OwnRow } from './types';

/** A message that nobody acknowledged by then is offered to be sent again. */
const ACK_WITHIN_MS = 10_000;

type Answer = Extract<ChatEvent, { type: 'ack' | 'error' }>;

interface OutboxParts {
  now(): number;
  /** As in `ChatParts`. */
  seen(): number | null;
  ref(): string;
  /** Whether it went out. */
  send(request: ChatRequest): boolean;
  changed(): void;
}

export class Outbox {
  readonly #transcript: Transcript;
  readonly #parts: OutboxParts;
  /** Sent on the way in use, and not answered. */
  readonly #sent = new Map<string, ReturnType<typeof setTimeout>>();
  #nextAt: number | null = null;

  constructor(transcript: Transcript, parts: OutboxParts) {
    this.#transcript = transcript;
    this.#parts = parts;
  }

  get nextAt(): number | null {
    return this.#nextAt;
  }

  write(text: string, replyTo: Quote | null): void {
    const ref = this.#parts.ref();
    this.#transcript.write(ref, text, replyTo, this.#parts.now(), this.#parts.seen());
    this.#send(ref);
  }

  again(ref: string): void {
    const row = this.#transcript.own(ref);
    if (row === null) return;
    this.#transcript.dropOwn(ref);
    this.write(row.text, row.replyTo);
  }

  /** Puts a message into the transcript, in place of what was written here. False if it is known. */
  delivered(message: ChatMessage, you: You | null): boolean {
    if (this.#transcript.has(message.id)) return false;
    return this.#transcript.add(message, this.#claim(message, you) ? 'delivered' : null);
  }

  answered(event: Answer, state: ChatState): void {
    const ref = event.ref ?? this.#oldest();
    const row = ref === null ? null : this.#transcript.own(ref);
    if (event.type === 'error') return this.#refused(event, row);
    const id = event.id ?? null;
    if (event.state === 'stored') {
      if (id !== null) this.#transcript.mark(id, 'stored');
      return;
    }
    if (event.state === 'done') {
      if (row !== null) this.#close(row.key);
      if (event.text != null && event.text !== '')
        this.#transcript.say({ what: 'answer', text: event.text }, this.#parts.now());
      return;
    }
    const slow = state.settings?.slow_seconds ?? 0;
    if (slow > 0 && state.you?.may.moderate !== true)
      this.#nextAt = this.#parts.now() + slow * 1000;
    if (row === null) return;
    this.#settle(row.key);
    if (event.state === 'held') this.#transcript.changeOwn(row.key, { state: 'held', id });
    else if (id !== null && this.#transcript.has(id)) {
      this.#transcript.dropOwn(row.key);
      this.#transcript.mark(id, 'delivered');
    } else this.#transcript.changeOwn(row.key, { id });
  }

  settled(id: string, outcome: 'approved' | 'denied'): void {
    const row = this.#transcript.ownOf(id);
    if (row === null) return;
    if (outcome === 'approved') this.#transcript.dropOwn(row.key);
    else this.#transcript.changeOwn(row.key, { state: 'denied' });
    this.#parts.changed();
  }

  /** In again: what was sent before and not heard of is lost or not, nobody knows; the rest goes out. */
  resume(): void {
    for (const row of this.#transcript.pending()) {
      if (row.id !== null) continue;
      if (!this.#sent.has(row.key)) this.#send(row.key);
      else {
        this.#settle(row.key);
        this.#transcript.fail(row.key, { code: 'network', detail: '' });
      }
    }
    this.#parts.changed();
  }

  stop(): void {
    this.#sent.forEach((timer) => clearTimeout(timer));
    this.#sent.clear();
  }

  #send(ref: string): void {
    const row = this.#transcript.own(ref);
    if (row === null) return;
    const { text, replyTo, seen } = row;
    const reply_to = replyTo?.id ?? null;
    const media_time = seen === null ? null : Math.round(seen * 1000);
    const out = this.#parts.send({ type: 'message', ref, text, reply_to, media_time });
    if (out) {
      const timer = setTimeout(() => {
        this.#settle(ref);
        this.#transcript.fail(ref, { code: 'timeout', detail: '' });
        this.#parts.changed();
      }, ACK_WITHIN_MS);
      this.#sent.set(ref, timer);
    }
    this.#parts.changed();
  }

  /** The message may come before its acknowledgement, or without one after a loss. */
  #claim(message: ChatMessage, you: You | null): boolean {
    const waiting = this.#transcript.unheard();
    const byId = waiting.find((row) => row.id === message.id);
    const mine = you !== null && isSame(message, you);
    const byText = mine ? waiting.find((row) => row.text.trim() === message.text) : undefined;
    const row = byId ?? byText;
    if (row === undefined) return false;
    this.#close(row.key);
    return true;
  }

  #refused(event: Extract<Answer, { type: 'error' }>, row: OwnRow | null): void {
    if ((event.code === 'slow_mode' || event.code === 'rate_limited') && event.retry_after != null)
      this.#nextAt = this.#parts.now() + event.retry_after;
    const refusal = { code: event.code, detail: event.detail };
    if (row === null) this.#transcript.say({ what: 'refused', refusal }, this.#parts.now());
    else {
      this.#settle(row.key);
      this.#transcript.fail(row.key, refusal);
    }
  }

  /** What refuses before it reads cannot say what it refuses: the oldest that waits. */
  #oldest(): string | null {
    return this.#sent.keys().next().value ?? null;
  }

  #settle(ref: string): void {
    clearTimeout(this.#sent.get(ref));
    this.#sent.delete(ref);
  }

  #close(ref: string): void {
    this.#settle(ref);
    this.#transcript.dropOwn(ref);
  }
}

function isSame(message: ChatMessage, you: You): boolean {
  const { id, name } = message.author;
  return you.id === null ? id === null && name === you.name : id === you.id;
}
