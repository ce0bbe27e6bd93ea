// The server's clock as seen from this page.

/** The page's own clock: milliseconds since 1970, monotonic, finer than Date.now(). */
export function pageNow(): number {
  return performance.timeOrigin + performance.now();
}

interface Probe {
  at: number;
  roundTrip: number;
  offset: number;
}

/** Probes older than this no longer count: clocks drift by a few milliseconds an hour. */
const PROBE_LIFETIME_MS = 60_000;

/**
 * Offset between the server's clock and the page's, from ping probes. The probe with the smallest
 * round trip wins: what it lost on the way is the least, and so is the error it can have.
 */
export class ClockSync {
  #probes: Probe[] = [];

  /** Takes the answer to a probe; times in milliseconds. */
  add(sent: number, received: number, serverTime: number): void {
    const roundTrip = received - sent;
    if (roundTrip < 0) return;
    this.#probes.push({ at: received, roundTrip, offset: serverTime - (sent + received) / 2 });
    this.#probes = this.#probes.filter((probe) => received - probe.at < PROBE_LIFETIME_MS);
  }

  /** Milliseconds to add to the page's clock to get the server's, or null before the first answer. */
  get offset(): number | null {
    return this.#best?.offset ?? null;
  }

  /** Smallest round trip of the probes that count, in milliseconds. */
  get roundTrip(): number | null {
    return this.#best?.roundTrip ?? null;
  }

  get #best(): Probe | undefined {
    return this.#probes.reduce<Probe | undefined>(
      (best, probe) => (best === undefined || probe.roundTrip < best.roundTrip ? probe : best),
      undefined,
    );
  }
}
