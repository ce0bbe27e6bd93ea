// Positions of a media element and dates of the server, by the segments of a playlist.

/** A segment: where it lies in the element, in seconds, and when its first picture was captured. */
export interface Dated {
  start: number;
  duration: number;
  programDateTime: number | null;
}

/** Milliseconds on the server's clock of what is at a position; beyond the ends it is extrapolated. */
export function dateAt(segments: readonly Dated[], position: number): number | null {
  const segment =
    segments.findLast(
      ({ start, programDateTime }) => programDateTime !== null && start <= position,
    ) ?? segments.find(({ programDateTime }) => programDateTime !== null);
  if (segment?.programDateTime == null) return null;
  return segment.programDateTime + (position - segment.start) * 1000;
}

/** The position of a date; a date in a hole between two broadcasts' parts is where the hole ends. */
export function positionOf(segments: readonly Dated[], date: number): number | null {
  const dated = segments.filter(({ programDateTime }) => programDateTime !== null);
  const first = dated[0];
  if (first === undefined) return null;
  const segment = dated.findLast(({ programDateTime }) => (programDateTime ?? 0) <= date) ?? first;
  const within = (date - (segment.programDateTime ?? 0)) / 1000;
  const after = dated[dated.indexOf(segment) + 1];
  if (after !== undefined && within > segment.duration) return after.start;
  return Math.max(first.start, segment.start + within);
}
