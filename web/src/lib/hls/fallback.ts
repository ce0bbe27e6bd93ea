// When a direct line is given up for HLS: the server took the offer, but no packet comes through.

/** ICE takes a second where it works; longer is a firewall, and HLS would be on the screen by then. */
const PATIENCE_MS = 4000;

/** Watches the attempts of one viewer to connect. */
export class Patience {
  readonly #onLost: () => void;
  readonly #patience: number;
  #timer: ReturnType<typeof setTimeout> | undefined;

  /** `onLost` is called once for each time that the patience is at its end. */
  constructor(onLost: () => void, patience = PATIENCE_MS) {
    this.#onLost = onLost;
    this.#patience = patience;
  }

  /** The server has a session for us: from now on packets should come. */
  answered(): void {
    this.#timer ??= setTimeout(() => this.#lose(), this.#patience);
  }

  /** They came, or there is nothing to wait for. */
  settled(): void {
    clearTimeout(this.#timer);
    this.#timer = undefined;
  }

  /** An attempt failed. Only what a firewall does to media counts: the rest would hit HLS as well. */
  refused(code: string): void {
    if (code === 'timeout') this.#lose();
    else this.settled();
  }

  #lose(): void {
    this.settled();
    this.#onLost();
  }
}
