import { useKeys, type KeyMap } from './use-keys';
import type { Theatre } from './options';
import type { Playback } from './use-playback';
import type { Presentation } from './use-presentation';

const VOLUME_STEP = 0.05;
const STEP_MS = 5000;
const LEAP_MS = 10_000;
/** A picture of 30 a second: nobody says how many there are, and half of one is still the next. */
const FRAME_MS = 1000 / 30;

/** What can be played back and forth, for the keys. */
export interface Seeking {
  /** By so many milliseconds. */
  skip(by: number): void;
  faster(direction: 1 | -1): void;
  /** To a tenth of the whole; where there is a whole. */
  toTenth?(tenth: number): void;
}

/** The keyboard map of every player. */
export function usePlayerKeys({
  playback,
  presentation,
  theatre,
  seeking,
  enabled,
  togglePlay,
  onEnd,
  onStats,
  onHelp,
}: {
  playback: Playback;
  presentation: Presentation;
  theatre: Theatre | undefined;
  seeking: Seeking | null;
  enabled: boolean;
  togglePlay(): void;
  onEnd(): void;
  onStats(): void;
  onHelp(): void;
}): void {
  const keys: KeyMap = {
    ' ': togglePlay,
    k: togglePlay,
    m: playback.toggleMute,
    f: presentation.toggleFullscreen,
    p: presentation.togglePictureInPicture,
    arrowup: () => playback.setVolume(playback.volume + VOLUME_STEP),
    arrowdown: () => playback.setVolume(playback.volume - VOLUME_STEP),
    end: onEnd,
    i: onStats,
    '?': onHelp,
    ...(theatre ? { t: theatre.toggle } : {}),
    ...(seeking === null ? {} : seekingKeys(seeking, playback.paused)),
  };
  useKeys(keys, enabled);
}

function seekingKeys({ skip, faster, toTenth }: Seeking, paused: boolean): KeyMap {
  return {
    arrowleft: () => skip(-STEP_MS),
    arrowright: () => skip(STEP_MS),
    j: () => skip(-LEAP_MS),
    l: () => skip(LEAP_MS),
    '<': () => faster(-1),
    '>': () => faster(1),
    ...(paused ? { ',': () => skip(-FRAME_MS), '.': () => skip(FRAME_MS) } : {}),
    ...(toTenth === undefined
      ? {}
      : Object.fromEntries(
          Array.from({ length: 10 }, (_, tenth) => [String(tenth), () => toTenth(tenth)]),
        )),
  };
}
