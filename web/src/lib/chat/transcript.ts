// The rows of a chat as one reader sees them: in the order of the server, at most so many.

import type { ChatEvent } from '@/lib/api/generated/ChatEvent';
import type { ChatMessage } from '@/lib/api/generated/ChatMessage';
import type { Quote } from '@/lib/api/generated/Quote';
import type { Gone, MessageRow, Notice, OwnRow, Refusal, Row } from './types';

/** More rows cost memory and layout; fewer and a busy chat scrolls away from under who reads. */
export const MOST_ROWS = 500;

export class Transcript {
  #rows: Row[] = [];
  /** What is shown while the reader looks back; the chat goes on behind it. */
  #still: Row[] | null = null;
  #waiting = 0;
  #notices = 0;
  readonly #known = new Set<string>();

  /** A list that is never changed: unchanged rows are the same objects in the next one. */
  shown(keepGone: boolean): readonly Row[] {
    const rows = this.#still ?? this.#rows;
    return keepGone ? rows.slice() : rows.filter((row) => row.kind !== 'message' || !row.gone);
  }

  /** Messages that came since the reader looks back. */
  get waiting(): number {
    return this.#waiting;
  }

  get isStill(): boolean {
    return this.#still !== null;
  }

  /** The newest message, to go on from after a loss. */
  get newest(): string | null {
    return this.#rows.findLast((row) => row.kind === 'message')?.key ?? null;
  }

  /** The oldest one that is shown, to ask for what came before. */
  get oldest(): string | null {
    return (this.#still ?? this.#rows).find((row) => row.kind === 'message')?.key ?? null;
  }

  hold(): void {
    this.#still ??= this.#rows.slice();
  }

  release(): void {
    this.#still = null;
    this.#waiting = 0;
  }

  /** Whether it is new. */
  add(message: ChatMessage, own: MessageRow['own'] = null): boolean {
    if (this.#known.has(message.id)) return false;
    this.#known.add(message.id);
    const row: MessageRow = { kind: 'message', key: message.id, message, gone: null, own };
    // What waits for the server stays below what the server has said.
    let at = this.#rows.length;
    while (at > 0 && isAfter(this.#rows[at - 1], message.id)) at -= 1;
    this.#rows.splice(at, 0, row);
    if (this.#still !== null) this.#waiting += 1;
    this.#trim();
    return true;
  }

  /** Older messages, above everything; the reader is looking back. */
  prepend(messages: readonly ChatMessage[]): void {
    this.hold();
    const rows = messages
      .filter(({ id }) => !this.#still?.some(({ key }) => key === id))
      .map((message): Row => ({
        kind: 'message',
        key: message.id,
        message,
        gone: null,
        own: null,
      }));
    this.#still = [...rows, ...(this.#still ?? [])].slice(0, MOST_ROWS);
  }

  say(notice: Notice, at: number): void {
    this.#notices += 1;
    this.#append({ kind: 'notice', key: `notice-${this.#notices}`, at, notice });
  }

  write(ref: string, text: string, replyTo: Quote | null, at: number, seen: number | null): void {
    const blank = { state: 'pending', id: null, refusal: null } as const;
    this.#append({ kind: 'own', key: ref, text, replyTo, at, seen, ...blank });
  }

  own(ref: string): OwnRow | null {
    const row = this.#rows.find(({ key }) => key === ref);
    return row?.kind === 'own' ? row : null;
  }

  /** Own rows that wait for the server. */
  pending(): OwnRow[] {
    return this.#rows.filter((row): row is OwnRow => row.kind === 'own' && row.state === 'pending');
  }

  /** Own rows that may be in the chat without our knowing. */
  unheard(): OwnRow[] {
    return this.#rows.filter(
      (row): row is OwnRow =>
        row.kind === 'own' &&
        (row.state === 'pending' ||
          (row.state === 'failed' && UNSURE.has(row.refusal?.code ?? ''))),
    );
  }

  changeOwn(ref: string, change: Partial<Omit<OwnRow, 'kind' | 'key'>>): void {
    this.#map((row) => (row.kind === 'own' && row.key === ref ? { ...row, ...change } : row));
  }

  fail(ref: string, refusal: Refusal): void {
    this.changeOwn(ref, { state: 'failed', refusal });
  }

  /** What the server calls `id` was said by the reader. */
  mark(id: string, own: 'delivered' | 'stored'): void {
    this.#map((row) => (row.kind === 'message' && row.key === id ? { ...row, own } : row));
  }

  has(id: string): boolean {
    return this.#known.has(id);
  }

  dropOwn(ref: string): void {
    this.#filter((row) => row.key !== ref);
  }

  /** The own row that waits under an id of the server. */
  ownOf(id: string): OwnRow | null {
    return this.#rows.find((row): row is OwnRow => row.kind === 'own' && row.id === id) ?? null;
  }

  /** What moderators did to messages; whether anything changed. */
  hear(event: Extract<ChatEvent, { type: 'deleted' | 'cleared' | 'moderation' }>, at: number) {
    if (event.type === 'deleted') {
      const wanted = new Set(event.messages);
      this.#takeAway(({ id }) => wanted.has(id), 'deleted');
    } else if (event.type === 'cleared') {
      this.#takeAway(() => true, 'deleted');
      this.say({ what: 'cleared' }, at);
    } else if (event.action === 'timeout' || event.action === 'ban')
      this.#takeAway(({ author }) => author.id === event.account, 'silenced');
    else return false;
    return true;
  }

  #takeAway(which: (message: ChatMessage) => boolean, gone: Gone): void {
    this.#map((row) =>
      row.kind === 'message' && row.gone === null && which(row.message) ? { ...row, gone } : row,
    );
  }

  #append(row: Row): void {
    this.#rows.push(row);
    // The reader's own words are always in sight.
    if (row.kind === 'own') this.release();
    this.#trim();
  }

  #trim(): void {
    const extra = this.#rows.length - MOST_ROWS;
    if (extra <= 0) return;
    for (const row of this.#rows.splice(0, extra)) this.#known.delete(row.key);
  }

  #map(change: (row: Row) => Row): void {
    this.#rows = this.#rows.map(change);
    this.#still = this.#still?.map(change) ?? null;
  }

  #filter(keep: (row: Row) => boolean): void {
    this.#rows = this.#rows.filter(keep);
    this.#still = this.#still?.filter(keep) ?? null;
  }
}

/** Failures after which the message may have been delivered nevertheless. */
const UNSURE: ReadonlySet<string> = new Set(['network', 'timeout']);

/** Ids are in the order of the chat as text (UUIDv7 in lower case). */
function isAfter(row: Row | undefined, id: string): boolean {
  if (row?.kind === 'message') return row.key > id;
  return row?.kind === 'own' && row.state === 'pending';
}
