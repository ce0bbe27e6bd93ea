// What comes back of what was sent: loss, round trips and how much they vary.

import { median } from '@/lib/rtc/latency';
import type { Quality, Sizes } from './types';

const NUMBER_BYTES = 4;

/** A message of the echo channel: its number, and what fills it up to its size. */
export function messageOf(number: number, size: number): ArrayBuffer {
  const bytes = new ArrayBuffer(Math.max(NUMBER_BYTES, size));
  new DataView(bytes).setUint32(0, number);
  return bytes;
}

/** The number of a message that came back; null where it is none of ours. */
export function numberOf(data: unknown): number | null {
  if (!(data instanceof ArrayBuffer) || data.byteLength < NUMBER_BYTES) return null;
  return new DataView(data).getUint32(0);
}

/** Times in milliseconds, on one clock. */
export class EchoTally {
  readonly #sent = new Map<number, number>();
  readonly #roundTrips = new Map<number, number>();

  send(number: number, at: number): void {
    this.#sent.set(number, at);
  }

  /** What was never sent, or came back before, does not count. */
  hear(number: number, at: number): void {
    const sent = this.#sent.get(number);
    if (sent === undefined || this.#roundTrips.has(number)) return;
    this.#roundTrips.set(number, at - sent);
  }

  /** How many came back. */
  get heard(): number {
    return this.#roundTrips.size;
  }

  get complete(): boolean {
    return this.#roundTrips.size === this.#sent.size;
  }

  /** Null where nothing was sent. */
  get quality(): Quality | null {
    if (this.#sent.size === 0) return null;
    const trips = [...this.#roundTrips].sort(([one], [other]) => one - other).map(([, ms]) => ms);
    const middle = median(trips);
    const jitter = meanStep(trips);
    return {
      sent: this.#sent.size,
      received: trips.length,
      ...(middle === null ? {} : { round_trip_ms: middle }),
      ...(jitter === null ? {} : { jitter_ms: jitter }),
    };
  }
}

/** What follows of what came back of small and of large messages; null where nothing did. */
export function sizesOf(
  small: { size: number; heard: number },
  large: { size: number; heard: number },
): Sizes | null {
  if (large.heard > 0) return { largest_answered: large.size };
  if (small.heard > 0) return { largest_answered: small.size, smallest_lost: large.size };
  return null;
}

/** Mean difference of one to the next, in the order in which they were sent. */
function meanStep(values: readonly number[]): number | null {
  if (values.length < 2) return null;
  const steps = values.slice(1).map((value, index) => Math.abs(value - (values[index] ?? value)));
  return steps.reduce((sum, step) => sum + step, 0) / steps.length;
}
