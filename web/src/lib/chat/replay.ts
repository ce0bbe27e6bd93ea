// The chat of a recording, in step with its picture: what had been said by the moment that is shown.

import type { ReplayedMessage, ReplayedMessages } from '@/lib/recordings/types';
import { Snapshot } from '@/lib/snapshot';

type From = { after_ms: number } | { after: string };

/** After a jump so much of what came before is shown as well, for an empty chat says nothing. */
const BEFORE_MS = 120_000;
/** The next page is asked for when the picture is this near to the last message that is known. */
const AHEAD_MS = 20_000;
/** Rows on the screen. More makes a page slow that runs for hours. */
const SHOWN = 150;
/** Messages that are kept in reach behind those. */
const KEPT = 1000;

export interface ReplayState {
  /** By now, oldest first. */
  rows: readonly ReplayedMessage[];
  /** Whether the first page has come. */
  loaded: boolean;
  failed: boolean;
}

export class Replay {
  readonly state = new Snapshot<ReplayState>({ rows: [], loaded: false, failed: false });
  readonly #load: (from: From, signal: AbortSignal) => Promise<ReplayedMessages>;
  #messages: ReplayedMessage[] = [];
  /** What is known reaches back to here. */
  #start = Number.POSITIVE_INFINITY;
  #more = false;
  #at = 0;
  #loading: AbortController | null = null;

  constructor(load: (from: From, signal: AbortSignal) => Promise<ReplayedMessages>) {
    this.#load = load;
  }

  /** The picture is at this time of the recording. */
  follow(at: number): void {
    this.#at = at;
    const last = this.#messages.at(-1);
    const beyond = this.#more && last !== undefined && at - saidAt(last) > BEFORE_MS;
    if (at < this.#start || beyond) this.#jump(Math.max(0, at - BEFORE_MS));
    else if (this.#more && last !== undefined && saidAt(last) - at < AHEAD_MS)
      void this.#ask({ after: last.message.id });
    this.#show();
  }

  retry(): void {
    this.state.set({ failed: false });
    this.#jump(Math.max(0, this.#at - BEFORE_MS));
  }

  stop(): void {
    this.#loading?.abort();
    this.#loading = null;
  }

  #jump(from: number): void {
    this.stop();
    this.#messages = [];
    this.#start = from;
    this.#more = false;
    void this.#ask({ after_ms: Math.round(from) });
  }

  async #ask(from: From): Promise<void> {
    if (this.#loading !== null || this.state.get().failed) return;
    const abort = new AbortController();
    this.#loading = abort;
    try {
      const { items, more } = await this.#load(from, abort.signal);
      if (abort.signal.aborted) return;
      this.#messages = [...this.#messages, ...items].slice(-KEPT);
      const [oldest] = this.#messages;
      if (oldest !== undefined && this.#messages.length === KEPT) this.#start = saidAt(oldest);
      // A page that brings nothing new would be asked for again and again.
      this.#more = more && items.length > 0;
      this.state.set({ loaded: true });
    } catch {
      if (!abort.signal.aborted) this.state.set({ failed: true, loaded: true });
    } finally {
      if (this.#loading === abort) this.#loading = null;
    }
    if (!abort.signal.aborted) this.follow(this.#at);
  }

  #show(): void {
    const rows = this.#messages.filter((item) => shownAt(item) <= this.#at).slice(-SHOWN);
    const before = this.state.get().rows;
    const same =
      rows.length === before.length &&
      rows.at(-1)?.message.id === before.at(-1)?.message.id &&
      rows[0]?.message.id === before[0]?.message.id;
    if (!same) this.state.set({ rows });
  }
}

/** When it was said, on the time of the recording: messages come in this order. */
function saidAt({ at_ms: at, message }: ReplayedMessage): number {
  const { media_time: time } = message;
  return time == null ? at : at + message.at - Math.floor(time / 1000);
}

/**
 * With the picture that its author saw; where that was long past, somebody who had gone back in time
 * talked with those who had not, and it is shown when it was said.
 */
function shownAt(item: ReplayedMessage): number {
  const said = saidAt(item);
  return said - item.at_ms <= AHEAD_MS ? item.at_ms : said;
}
