import { useEffect, useState, type RefObject } from 'react';
import type { HlsViewer } from '@/lib/hls/viewer';
import type { Latency } from '@/lib/rtc/latency';
import { HISTORY } from './use-meter';

/** What is known of a picture that comes by HLS. */
export interface HlsNumbers {
  latency: Latency | null;
  history: readonly number[];
  width: number;
  height: number;
  /** Bits per second that the network gives. */
  bandwidth: number | null;
  bufferMs: number;
  frames: number;
  dropped: number;
}

const REFRESH_MS = 1000;

/** Measures the element once a second while HLS plays in it; null elsewhere. */
export function useHlsMeter(
  hls: HlsViewer,
  video: RefObject<HTMLVideoElement | null>,
  active: boolean,
): HlsNumbers | null {
  const [numbers, setNumbers] = useState<HlsNumbers | null>(null);
  useEffect(() => {
    if (!active) return;
    const look = () => {
      const element = video.current;
      const times = hls.times();
      if (element === null || times === null) return;
      const latency = hls.latency();
      const quality = element.getVideoPlaybackQuality();
      setNumbers((before) => ({
        latency,
        history:
          latency === null
            ? (before?.history ?? [])
            : [...(before?.history ?? []), latency.ms].slice(-HISTORY),
        width: element.videoWidth,
        height: element.videoHeight,
        bandwidth: hls.engine?.bandwidth ?? null,
        bufferMs: Math.max(0, times.loaded - times.at),
        frames: quality.totalVideoFrames,
        dropped: quality.droppedVideoFrames,
      }));
    };
    const timer = setInterval(look, REFRESH_MS);
    return () => {
      clearInterval(timer);
      setNumbers(null);
    };
  }, [hls, video, active]);
  return numbers;
}
