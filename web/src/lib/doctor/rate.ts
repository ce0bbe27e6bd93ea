// How much goes through: from times and amounts to bits a second, and how much to send next.

/** A first look, to choose the size of the second: small enough for a slow line. */
export const FIRST_BYTES = 128_000;
/** What is measured shorter than this says more of the start of a connection than of the line. */
const WANTED_MS = 2000;
/** Lines that took as long for the first look need no second. */
const ENOUGH_MS = 1000;

export interface Amount {
  bytes: number;
  ms: number;
}

/** Bits a second; null of nothing. */
export function rateOf({ bytes, ms }: Amount): number | null {
  return bytes <= 0 || ms <= 0 ? null : (bytes * 8000) / ms;
}

/** How much to send or fetch after a first look; null where that was enough. */
export function nextBytes(first: Amount, most: number): number | null {
  if (first.ms >= ENOUGH_MS || most <= first.bytes) return null;
  const rate = rateOf(first);
  const wanted = rate === null ? most : Math.round((rate * WANTED_MS) / 8000);
  return Math.min(most, Math.max(first.bytes, wanted));
}

/**
 * Amount and time of what came in pieces, from the end of the first piece: what went before is the
 * answer of the server, and not the line.
 */
export class Arrival {
  #began: number | null = null;
  #bytes = 0;
  #last = 0;

  add(bytes: number, at: number): void {
    if (this.#began === null) this.#began = at;
    else this.#bytes += bytes;
    this.#last = at;
  }

  get amount(): Amount {
    return { bytes: this.#bytes, ms: this.#began === null ? 0 : this.#last - this.#began };
  }
}
