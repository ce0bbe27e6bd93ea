// Where the picture is between the oldest that can be played and live, or in a recording.

/** In milliseconds: of the server's clock while live, from the start of a recording elsewhere. */
export interface Timeline {
  kind: 'live' | 'recording';
  start: number;
  end: number;
  at: number;
  loaded: number;
  /** Whether nothing newer can be played. */
  atEdge: boolean;
}

/** Less than this is not worth a bar: nothing can be aimed at. */
export const SHORTEST_MS = 10_000;
/** Nearer to live than this is live: segments, clocks and eyes are no finer. */
export const EDGE_SLACK_MS = 2500;

/** How far behind live, never less than nothing. */
export function behindOf({ end, at }: Timeline): number {
  return Math.max(0, end - at);
}

/** Place on the bar, from 0 to 1. */
export function shareOf({ start, end }: Pick<Timeline, 'start' | 'end'>, at: number): number {
  return end <= start ? 0 : Math.min(1, Math.max(0, (at - start) / (end - start)));
}

export function momentAt({ start, end }: Pick<Timeline, 'start' | 'end'>, share: number): number {
  return start + Math.min(1, Math.max(0, share)) * (end - start);
}

/** A moment that can be gone to. */
export function within({ start, end }: Pick<Timeline, 'start' | 'end'>, at: number): number {
  return Math.min(end, Math.max(start, at));
}

export interface Chapter {
  at_ms: number;
  title: string;
}

/** The chapter of a moment: the last that begins before it. */
export function chapterAt<Found extends Chapter>(
  chapters: readonly Found[],
  at: number,
): Found | null {
  return chapters.findLast(({ at_ms: begins }) => begins <= at) ?? null;
}
