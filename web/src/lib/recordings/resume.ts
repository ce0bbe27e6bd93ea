// Where somebody stopped watching, kept in this browser for whoever has no account or no history.

const STORED = 'sluice.positions';
/** The oldest go first; more would be a history that nobody asked for. */
const KEPT = 50;
/** Whoever saw less of it, or nearly all of it, begins anew. */
const FIRST_MS = 10_000;
const LAST_SHARE = 0.95;

type Positions = [id: string, at: number][];

function read(): Positions {
  try {
    const stored: unknown = JSON.parse(localStorage.getItem(STORED) ?? '[]');
    return Array.isArray(stored) ? (stored as Positions) : [];
  } catch {
    return [];
  }
}

/** In milliseconds; null where it is not known. */
export function storedPosition(id: string): number | null {
  return read().find(([known]) => known === id)?.[1] ?? null;
}

export function storePosition(id: string, at: number): void {
  const others = read().filter(([known]) => known !== id);
  const positions: Positions = [[id, Math.round(at)], ...others].slice(0, KEPT) as Positions;
  localStorage.setItem(STORED, JSON.stringify(positions));
}

/** Where to go on, or null to begin at the start. */
export function resumeAt(position: number | null, duration: number): number | null {
  if (position === null || position < FIRST_MS || position > duration * LAST_SHARE) return null;
  return position;
}

/** `?t=90` or `?t=1h2m3s`: where a link wants to begin, in milliseconds. */
export function askedPosition(search: string): number | null {
  const asked = new URLSearchParams(search).get('t');
  if (asked === null || asked === '') return null;
  const parts = /^(?:(\d+)h)?(?:(\d+)m)?(?:(\d+)s?)?$/.exec(asked);
  if (parts === null) return null;
  const [hours, minutes, seconds] = parts
    .slice(1)
    .map((part: string | undefined) => Number(part ?? 0));
  return (((hours ?? 0) * 60 + (minutes ?? 0)) * 60 + (seconds ?? 0)) * 1000;
}
