import { useEffect, useRef, useState, type RefObject } from 'react';
import type { LiveWindow } from '@/lib/hls/playlist';
import type { Route } from '@/lib/hls/switchboard';
import type { HlsViewer } from '@/lib/hls/viewer';
import { pageNow } from '@/lib/rtc/clock';
import type { Viewer } from '@/lib/rtc/whep';
import { EDGE_SLACK_MS, SHORTEST_MS, type Timeline } from './timeline';

/** Often enough for a bar that moves, seldom enough for a page that does other things. */
const TICK_MS = 250;

/** The server's clock as well as it is known here. */
export function serverNow(viewer: Viewer, hls: HlsViewer): number {
  const offset = viewer.connection?.control.clock.offset ?? hls.clock.offset ?? 0;
  return pageNow() + offset;
}

/** Where the picture of a running broadcast is; null while there is nothing to go back to. */
export function useLiveTimeline({
  viewer,
  hls,
  route,
  reach,
  video,
  ticking,
}: {
  viewer: Viewer;
  hls: HlsViewer;
  route: Route;
  /** What can be played, while the line is direct. */
  reach: LiveWindow | null;
  video: RefObject<HTMLVideoElement | null>;
  /** Whether anybody sees the bar. */
  ticking: boolean;
}): Timeline | null {
  const [timeline, setTimeline] = useState<Timeline | null>(null);
  /** Where a direct line was paused: its picture stands still while live goes on. */
  const stoodAt = useRef<number | null>(null);
  useEffect(() => {
    const look = () => {
      const paused = video.current?.paused === true && route === 'direct';
      const now = serverNow(viewer, hls);
      stoodAt.current = paused ? (stoodAt.current ?? now) : null;
      setTimeline(route === 'hls' ? ofHls(hls) : ofDirect(reach, now, stoodAt.current));
    };
    look();
    if (!ticking) return;
    const timer = setInterval(look, TICK_MS);
    return () => clearInterval(timer);
  }, [viewer, hls, route, reach, video, ticking]);
  return timeline;
}

function ofHls(hls: HlsViewer): Timeline | null {
  const times = hls.times();
  if (times === null) return null;
  const { edge, ...rest } = times;
  return { kind: 'live', ...rest, atEdge: times.at >= edge - EDGE_SLACK_MS };
}

function ofDirect(reach: LiveWindow | null, now: number, stoodAt: number | null): Timeline | null {
  if (reach === null || now - reach.start < SHORTEST_MS) return null;
  const at = stoodAt ?? now;
  return { kind: 'live', start: reach.start, end: now, at, loaded: at, atEdge: stoodAt === null };
}
