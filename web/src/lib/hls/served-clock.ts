// The server's clock where there is no control channel to ask: from the `Date` of its answers.

import { pageNow } from '@/lib/rtc/clock';
import type { Latency } from '@/lib/rtc/latency';

/** An answer: its `Date`, and when it was asked for and heard, in milliseconds of the page's clock. */
export interface ServedAt {
  date: number;
  asked: number;
  heard: number;
}

/** `Date` is cut down to the second. */
const RESOLUTION_MS = 1000;
/** Closer than this the latency is a measurement; further off it is shown as an estimate. */
const GOOD_MS = 120;

/**
 * Each answer says that the offset of the clocks lies between two bounds, about a second apart. Answers
 * come at any time of a second, so the bounds of some of them together leave little room.
 */
export class ServedClock {
  #low = Number.NEGATIVE_INFINITY;
  #high = Number.POSITIVE_INFINITY;

  add({ date, asked, heard }: ServedAt): void {
    if (Number.isNaN(date) || heard < asked) return;
    const low = date - heard;
    const high = date + RESOLUTION_MS - asked;
    // Bounds that leave nothing were made before one of the clocks was set: begin anew.
    if (low > this.#high || high < this.#low) {
      this.#low = low;
      this.#high = high;
      return;
    }
    this.#low = Math.max(this.#low, low);
    this.#high = Math.min(this.#high, high);
  }

  /** Milliseconds to add to the page's clock to get the server's. */
  get offset(): number | null {
    return Number.isFinite(this.#low) ? (this.#low + this.#high) / 2 : null;
  }

  /** How long ago a moment of the server's clock was. */
  ageOf(moment: number): Latency | null {
    const { offset } = this;
    if (offset === null) return null;
    const ms = pageNow() + offset - moment;
    return ms < 0 ? null : { ms, estimated: !this.good };
  }

  /** Whether it is known well enough to measure by it. */
  get good(): boolean {
    return this.#high - this.#low <= GOOD_MS * 2;
  }
}
