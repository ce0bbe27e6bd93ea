// `?test=1` opens the player's numbers to tests as `window.__sluice`. See web/README.md.

import type { Freezes } from '@/lib/rtc/frames';
import type { Latency } from '@/lib/rtc/latency';
import type { ViewerDigest } from '@/lib/rtc/stats';
import { TimecodeReader, timecodeAge } from '@/lib/rtc/timecode';
import type { RouteChoice, Switched } from '@/lib/hls/switchboard';
import type { Viewer, ViewerState } from '@/lib/rtc/whep';
import type { Timeline } from './timeline';
import type { ProbeSource } from './use-probe';

/** Enough for a minute at 60 fps; tests that run longer collect as they go. */
const KEPT_SAMPLES = 3600;

export interface TimecodeSample {
  /** performance.now() of the picture. */
  at: number;
  /** Age of the time code in the picture, in milliseconds: the truth. */
  truth: number;
  /** What the player measured for the same picture. */
  measured: number | null;
}

export interface ViewerProbe extends Omit<ViewerState, 'stream' | 'problem' | 'phase' | 'current'> {
  role: 'viewer';
  state: ViewerState['phase'];
  problem: string | null;
  currentLayer: string | null;
  /** Sessions made so far; more than one means that the page made a new one. */
  sessions: number;
  /** From sending the offer to the first picture on the screen, of the newest session. */
  joinMs: number | null;
  framesPresented: number;
  framesDecoded: number;
  freezes: Freezes;
  width: number;
  height: number;
  audioEnergy: number;
  /** What the chip shows. */
  latency: Latency | null;
  clockOffset: number | null;
  digest: ViewerDigest | null;
  timecode: { last: number | null; unreadable: number; samples: TimecodeSample[] };
  /** Which way the picture comes, and why. */
  route: Switched['route'] | null;
  why: Switched['why'];
  /** Where the picture is, on the server's clock. */
  timeline: Timeline | null;
  select(rid: string | null): void;
  /** Goes back so many seconds. */
  rewind(seconds: number): void;
  goLive(): void;
  chooseRoute(choice: RouteChoice): void;
  /** New ICE credentials on the running session. */
  restartIce(): Promise<void> | undefined;
}

export interface InstalledProbe {
  frame(at: number, latency: number | null): void;
  refresh(numbers: {
    digest: ViewerDigest;
    latency: Latency | null;
    freezes: Freezes;
    presented: number;
  }): void;
  remove(): void;
}

export function testing(): boolean {
  return new URLSearchParams(location.search).has('test');
}

export function installViewerProbe(
  viewer: Viewer,
  video: HTMLVideoElement,
  extras: ProbeSource,
): InstalledProbe | null {
  if (!testing()) return null;
  const reader = new TimecodeReader();
  const timecode: ViewerProbe['timecode'] = { last: null, unreadable: 0, samples: [] };
  const numbers = {
    digest: null as ViewerDigest | null,
    latency: null as Latency | null,
    freezes: { count: 0, longestMs: 0 },
    sessions: 0,
    joinMs: null as number | null,
    presented: 0,
  };
  let awaitsFirst = true;
  const off = viewer.on('connection', () => {
    numbers.sessions += 1;
    awaitsFirst = true;
  });
  const read = (): ViewerProbe => {
    const { stream: _, ...line } = viewer.state.get();
    const more = extras.current;
    const { phase, problem, current, ...rest } = { ...line, ...more?.state };
    return {
      ...rest,
      role: 'viewer',
      state: phase,
      problem: problem?.code ?? null,
      currentLayer: current,
      route: more?.switched.route ?? null,
      why: more?.switched.why ?? null,
      timeline: more?.timeline ?? null,
      rewind: (seconds) => more?.rewind(seconds),
      goLive: () => more?.goLive(),
      chooseRoute: (choice) => more?.choose(choice),
      sessions: numbers.sessions,
      joinMs: numbers.joinMs,
      framesPresented: numbers.presented,
      framesDecoded: numbers.digest?.video?.framesDecoded ?? 0,
      freezes: numbers.freezes,
      width: video.videoWidth,
      height: video.videoHeight,
      audioEnergy: numbers.digest?.audio?.audioEnergy ?? 0,
      latency: more?.latency === undefined ? numbers.latency : more.latency,
      clockOffset: viewer.connection?.control.clock.offset ?? null,
      digest: numbers.digest,
      timecode,
      select: (rid) => viewer.select(rid),
      restartIce: () => viewer.connection?.restartIce(),
    };
  };
  Object.defineProperty(window, '__sluice', { configurable: true, get: read });
  return {
    frame: (at, latency) => {
      numbers.presented += 1;
      if (awaitsFirst && viewer.connection) {
        numbers.joinMs = performance.now() - viewer.connection.postedAt;
        awaitsFirst = false;
      }
      const now = Date.now();
      const code = reader.read(video);
      if (code === null) {
        timecode.unreadable += 1;
        return;
      }
      timecode.last = code;
      const measured =
        extras.current?.switched.route === 'hls' ? extras.current.measure() : latency;
      timecode.samples.push({ at, truth: timecodeAge(code, now), measured });
      if (timecode.samples.length > KEPT_SAMPLES) timecode.samples.shift();
    },
    refresh: (next) =>
      Object.assign(numbers, { digest: next.digest, latency: next.latency, freezes: next.freezes }),
    remove: () => {
      off();
      Reflect.deleteProperty(window, '__sluice');
    },
  };
}
