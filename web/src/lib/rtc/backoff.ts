/** Delays between attempts: at once, then doubling up to a bound, spread so that viewers do not come in one wave. */
export class Backoff {
  #attempt = 0;
  readonly #random: () => number;

  constructor(random: () => number = Math.random) {
    this.#random = random;
  }

  get attempt(): number {
    return this.#attempt;
  }

  next(): number {
    const full =
      this.#attempt === 0 ? FIRST_MS : Math.min(LONGEST_MS, STEP_MS * 2 ** (this.#attempt - 1));
    this.#attempt += 1;
    return full * (0.75 + this.#random() / 2);
  }

  reset(): void {
    this.#attempt = 0;
  }
}

/** The first retry is nearly immediate: most losses are a server that restarts or a network that changes. */
const FIRST_MS = 100;
const STEP_MS = 400;
/** Longer would make people reload the page; shorter would burden a server that is in trouble. */
const LONGEST_MS = 8000;
