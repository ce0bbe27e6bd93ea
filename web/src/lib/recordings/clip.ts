// Times of a whole recording, and of what is left of it for viewers.

import type { Chapter, Recording } from './types';

type Cut = Pick<Recording, 'trim_start_ms' | 'duration_ms'>;

const startOf = ({ trim_start_ms: start }: Cut) => start ?? 0;

/** Time of what is played, from one of the whole recording. */
export function shownAt(recording: Cut, at: number): number {
  return Math.min(recording.duration_ms, Math.max(0, at - startOf(recording)));
}

/** Time of the whole recording, from one of what is played. */
export function wholeAt(recording: Cut, at: number): number {
  return at + startOf(recording);
}

/** The chapters of what is played; one that began before it begins with it. */
export function shownChapters(recording: Cut & { chapters: readonly Chapter[] }): Chapter[] {
  const start = startOf(recording);
  const end = start + recording.duration_ms;
  const within = recording.chapters
    .filter(({ at_ms: at }) => at < end)
    .sort((one, other) => one.at_ms - other.at_ms);
  const first = within.findLastIndex(({ at_ms: at }) => at <= start);
  return within
    .slice(Math.max(0, first))
    .map((chapter) => ({ ...chapter, at_ms: Math.max(0, chapter.at_ms - start) }));
}

/** "1:02:03", "2:03" or "45" in milliseconds; null where it is no time. */
export function timeOfText(text: string): number | null {
  const parts = text.trim().split(':');
  if (parts.length > 3 || parts.some((part) => !/^\d{1,4}$/.test(part))) return null;
  return parts.reduce((sum, part) => sum * 60 + Number(part), 0) * 1000;
}
