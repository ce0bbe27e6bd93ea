import { useEffect, useState } from 'react';
import type { Switchboard, Switched } from '@/lib/hls/switchboard';
import type { HlsViewer } from '@/lib/hls/viewer';
import type { ViewerState } from '@/lib/rtc/whep';
import { nextRate } from './settings';
import { EDGE_SLACK_MS, within, type Timeline } from './timeline';
import type { Playback } from './use-playback';
import type { Seeking } from './use-player-keys';

export interface LiveControl {
  /** Whether what is shown is not of now. */
  behind: boolean;
  rate: number;
  setRate(rate: number): void;
  seek(to: number): void;
  goLive(): void;
  togglePlay(): void;
  /** For the keys; null where there is nothing to go back to. */
  seeking: Seeking | null;
}

/** Back in time and to live again, by whichever way has the picture. */
export function useLiveControl({
  board,
  switched: { route, why },
  hls,
  phase,
  timeline,
  playback,
}: {
  board: Switchboard;
  switched: Switched;
  hls: HlsViewer;
  phase: ViewerState['phase'];
  timeline: Timeline | null;
  playback: Playback;
}): LiveControl {
  const [rate, setRateState] = useState(1);
  useEffect(() => setRateState(1), [route]);
  const rewound = why === 'rewound';
  const behind = playback.paused || phase !== 'live' || rewound || timeline?.atEdge === false;

  const setRate = (next: number) => {
    setRateState(next);
    hls.setRate(next);
  };
  const goLive = () => {
    setRate(1);
    if (!board.goLive() && route === 'hls') hls.goToEdge();
    playback.play();
  };
  const seek = (to: number) => {
    if (timeline === null) return;
    const wish = within(timeline, to);
    if (wish >= timeline.end - EDGE_SLACK_MS) goLive();
    else if (route === 'hls') hls.seek(wish);
    else board.rewind(wish);
  };
  // Whoever caught up, or has seen the end of what there was to go back to, is live again.
  const caughtUp =
    rewound &&
    ((timeline?.atEdge === true && phase === 'live' && !playback.paused) ||
      phase === 'ended' ||
      phase === 'offline' ||
      phase === 'failed');
  useEffect(() => {
    if (caughtUp) board.goLive();
  }, [caughtUp, board]);

  return {
    behind,
    rate,
    setRate,
    seek,
    goLive,
    togglePlay: () => {
      // A direct line has only now: what was missed comes by HLS.
      if (playback.paused && route === 'direct' && timeline?.atEdge === false) seek(timeline.at);
      else playback.togglePlay();
    },
    seeking:
      timeline === null
        ? null
        : {
            skip: (by) => seek(timeline.at + by),
            faster: (direction) => {
              if (behind && route === 'hls') setRate(nextRate(rate, direction));
            },
          },
  };
}
