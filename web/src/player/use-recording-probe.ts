import { useEffect, useRef, type RefObject } from 'react';
import type { HlsViewer } from '@/lib/hls/viewer';
import { TimecodeReader } from '@/lib/rtc/timecode';
import { testing } from './test-probe';
import type { Timeline } from './timeline';

/** `?test=1` opens a player of a recording to tests as `window.__sluice`. See web/README.md. */
export function useRecordingProbe(
  hls: HlsViewer,
  video: RefObject<HTMLVideoElement | null>,
  timeline: Timeline | null,
): void {
  const newest = useRef(timeline);
  newest.current = timeline;
  useEffect(() => {
    const element = video.current;
    if (!testing() || element === null) return;
    const reader = new TimecodeReader();
    const read = () => {
      const { phase, problem, current, pinned, layers } = hls.state.get();
      return {
        role: 'recording',
        state: phase,
        problem: problem?.code ?? null,
        currentLayer: current,
        pinned,
        layers,
        timeline: newest.current,
        framesPresented: element.getVideoPlaybackQuality().totalVideoFrames,
        width: element.videoWidth,
        height: element.videoHeight,
        /** Of the picture on the screen: when it was drawn, by the clock of who drew it. */
        timecode: reader.read(element),
        seek: (to: number) => hls.seek(to),
        select: (rid: string | null) => hls.select(rid),
      };
    };
    Object.defineProperty(window, '__sluice', { configurable: true, get: read });
    return () => {
      Reflect.deleteProperty(window, '__sluice');
    };
  }, [hls, video]);
}
