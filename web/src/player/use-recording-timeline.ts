import { useEffect, useState, type RefObject } from 'react';
import type { HlsViewer } from '@/lib/hls/viewer';
import type { Timeline } from './timeline';

const TICK_MS = 250;

/** Where a recording is; null until its length is known. */
export function useRecordingTimeline(
  hls: HlsViewer,
  video: RefObject<HTMLVideoElement | null>,
  active: boolean,
): Timeline | null {
  const [timeline, setTimeline] = useState<Timeline | null>(null);
  useEffect(() => {
    const element = video.current;
    if (!active || element === null) return;
    const look = () => {
      const times = hls.times();
      if (times === null || times.end === 0) return;
      const { edge: _, ...rest } = times;
      setTimeline((before) =>
        before?.at === rest.at && before.end === rest.end && before.loaded === rest.loaded
          ? before
          : { kind: 'recording', ...rest, atEdge: rest.at >= rest.end },
      );
    };
    const timer = setInterval(look, TICK_MS);
    // A jump is shown at once.
    element.addEventListener('seeking', look);
    return () => {
      clearInterval(timer);
      element.removeEventListener('seeking', look);
      setTimeline(null);
    };
  }, [hls, video, active]);
  return timeline;
}
