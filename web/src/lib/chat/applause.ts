// Own reactions are shown at once, and taken off what the server counts later.

export type Counts = Readonly<Record<string, number>>;

export class Applause {
  readonly #own = new Map<string, number>();

  own(name: string): Counts {
    this.#own.set(name, (this.#own.get(name) ?? 0) + 1);
    return { [name]: 1 };
  }

  /** What others did; null for nothing. */
  others(counts: Counts): Counts | null {
    const left = Object.entries(counts).map(([name, count]): [string, number] => {
      const known = this.#own.get(name) ?? 0;
      const own = Math.min(count, known);
      this.#own.set(name, known - own);
      return [name, count - own];
    });
    const shown = left.filter(([, count]) => count > 0);
    return shown.length === 0 ? null : Object.fromEntries(shown);
  }
}
