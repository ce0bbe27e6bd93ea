// Where a viewer of HLS is.

import type { Engine } from './engine';

/** In milliseconds: of the server's clock while live, of the recording elsewhere. */
export interface Times {
  start: number;
  end: number;
  at: number;
  /** Until where it is loaded. */
  loaded: number;
  /** Where playing live would be. */
  edge: number;
}

/** Null until the playlist, or the length, is known. */
export function timesOf(video: HTMLVideoElement, engine: Engine, live: boolean): Times | null {
  const { currentTime, duration } = video;
  const ahead = bufferedUntil(video.buffered, currentTime);
  if (!live) {
    if (!Number.isFinite(duration)) return null;
    const end = duration * 1000;
    return { start: 0, end, at: currentTime * 1000, loaded: ahead * 1000, edge: end };
  }
  const reach = engine.window;
  const at = engine.dateAt(currentTime);
  if (reach === null || at === null) return null;
  const edge = engine.edge === null ? null : engine.dateAt(engine.edge);
  return { ...reach, at, loaded: engine.dateAt(ahead) ?? at, edge: edge ?? reach.end };
}

/** The position, or the end of what there is. */
export function playable({ duration }: HTMLVideoElement, position: number): number {
  const length = Number.isFinite(duration) ? duration : position;
  return Math.min(Math.max(0, position), length);
}

/** Ranges may begin a breath after the position. */
const BREATH_S = 0.2;

function bufferedUntil(buffered: TimeRanges, position: number): number {
  for (let index = 0; index < buffered.length; index += 1) {
    const end = buffered.end(index);
    if (buffered.start(index) <= position + BREATH_S && position <= end) return end;
  }
  return position;
}
