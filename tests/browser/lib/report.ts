// Numbers for people: percentiles and one line a measurement.

/** The `p`-th percentile of sorted numbers (nearest rank). */
export function percentile(sorted: readonly number[], p: number): number {
  if (sorted.length === 0) return Number.NaN;
  return sorted[Math.min(sorted.length - 1, Math.ceil((p / 100) * sorted.length) - 1)] ?? Number.NaN;
}

export const median = (numbers: readonly number[]): number =>
  percentile([...numbers].sort((one, other) => one - other), 50);

/** Prints what was measured; the Rust side shows these lines even where the test passes. */
export function tell(what: string, numbers: Record<string, unknown>): void {
  const shown = Object.entries(numbers).map(([name, value]) => {
    const text = typeof value === 'number' && !Number.isInteger(value) ? (Math.abs(value) < 1 ? value.toPrecision(2) : value.toFixed(1)) : JSON.stringify(value);
    return `${name}=${text}`;
  });
  process.stderr.write(`    measured: ${what}: ${shown.join(' ')}\n`);
}
