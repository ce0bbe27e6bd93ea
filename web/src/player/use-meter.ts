import { useCallback, useEffect, useRef, useState, type RefObject } from 'react';
import { FrameWatcher, type Freezes } from '@/lib/rtc/frames';
import { estimateLatency, LatencyMeter, type Latency } from '@/lib/rtc/latency';
import { viewerDigest, type Report, type ViewerDigest } from '@/lib/rtc/stats';
import type { Viewer } from '@/lib/rtc/whep';
import { installViewerProbe } from './test-probe';
import type { ProbeSource } from './use-probe';

export interface Meter {
  latency: Latency | null;
  /** Latencies of the last half minute, oldest first, in milliseconds. */
  history: readonly number[];
  digest: ViewerDigest | null;
  clockOffset: number | null;
  freezes: Freezes;
  /** The first picture is on the screen. */
  hasPicture: boolean;
}

/** Often enough to be believed, seldom enough to be read. */
const REFRESH_MS = 1000;
/** The first number comes as soon as a few pictures agree. */
const FIRST_REFRESH_MS = 250;
export const HISTORY = 30;

const NOTHING: Meter = {
  latency: null,
  history: [],
  digest: null,
  clockOffset: null,
  freezes: { count: 0, longestMs: 0 },
  hasPicture: false,
};

/**
 * Measures what the element presents: latency of every picture, freezes, and the connection's statistics.
 * `captured` is when the picture that is shown was made, in milliseconds on the server's clock.
 */
export function useMeter(
  viewer: Viewer,
  video: RefObject<HTMLVideoElement | null>,
  extras: ProbeSource,
): Meter & { captured(): number | null } {
  const [meter, setMeter] = useState<Meter>(NOTHING);
  const watching = useRef<FrameWatcher>(null);
  useEffect(() => {
    const element = video.current;
    if (!element) return;
    let before: Report | null = null;
    let early: ReturnType<typeof setTimeout> | undefined;
    const probe = installViewerProbe(viewer, element, extras);
    const watcher = new FrameWatcher(element, {
      expectsFrames: () =>
        !document.hidden &&
        !element.paused &&
        element.srcObject !== null &&
        viewer.state.get().phase === 'live',
      onFrame: (at, _frame, latency) => {
        if (watcher.presented === 1) {
          setMeter((now) => ({ ...now, hasPicture: true }));
          early = setTimeout(() => void refresh(), FIRST_REFRESH_MS);
        }
        probe?.frame(at, latency);
      },
    });
    watching.current = watcher;
    const measure = () => {
      before = null;
      const clock = viewer.connection?.control.clock;
      watcher.meter = clock ? new LatencyMeter(clock) : null;
      watcher.forgive();
    };
    const refresh = async () => {
      const connection = viewer.connection;
      const stats = (await connection?.peer.getStats()) as Report | undefined;
      if (!connection || !stats) return;
      const digest = viewerDigest(stats, before);
      before = stats;
      const latency = latencyOf(watcher, digest);
      probe?.refresh({ digest, latency, freezes: watcher.freezes, presented: watcher.presented });
      setMeter((now) => ({
        latency,
        history: latency === null ? now.history : [...now.history, latency.ms].slice(-HISTORY),
        digest,
        clockOffset: connection.control.clock.offset,
        freezes: { ...watcher.freezes },
        hasPicture: now.hasPicture || (digest.video?.framesDecoded ?? 0) > 0,
      }));
    };
    const forgive = () => watcher.forgive();
    const offs = [
      viewer.on('connection', measure),
      viewer.on('event', (event) => watcher.meter?.handle(event)),
    ];
    document.addEventListener('visibilitychange', forgive);
    const timer = setInterval(() => void refresh(), REFRESH_MS);
    measure();
    watcher.start();
    return () => {
      clearInterval(timer);
      clearTimeout(early);
      watcher.stop();
      watching.current = null;
      offs.forEach((off) => off());
      document.removeEventListener('visibilitychange', forgive);
      probe?.remove();
    };
  }, [viewer, video, extras]);
  const captured = useCallback(() => watching.current?.meter?.captured ?? null, []);
  return { ...meter, captured };
}

function latencyOf(watcher: FrameWatcher, digest: ViewerDigest): Latency | null {
  return (
    watcher.meter?.smoothed ??
    estimateLatency({
      roundTripMs: digest.transport.roundTripMs,
      jitterBufferMs: digest.video?.jitterBufferMs ?? null,
      decodeMs: digest.video?.decodeMs ?? null,
      fps: digest.video?.fps ?? null,
    })
  );
}
