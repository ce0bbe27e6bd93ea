// Glass to glass: how old each picture is when it reaches the screen, measured and not guessed.

import type { ControlEvent } from '@/lib/api/generated/ControlEvent';
import type { ClockSync } from './clock';

const VIDEO_CLOCK_PER_MS = 90;
/** One second of pictures: steady enough to read, quick enough to show a change. */
const MEDIAN_OF = 30;

type MediaClock = Extract<ControlEvent, { type: 'media_clock' }>;

export interface Latency {
  ms: number;
  /** True where a part of it is an estimate; shown with a "~". */
  estimated: boolean;
}

/** What `requestVideoFrameCallback` says of one picture. */
export interface PresentedFrame {
  rtpTimestamp?: number;
  /** When the picture is on the screen, on the clock of `performance.now()`. */
  expectedDisplayTime: DOMHighResTimeStamp;
}

/** Capture time of a picture on the server's clock, in milliseconds. RTP timestamps wrap at 2^32. */
export function captureTime(
  clock: Pick<MediaClock, 'rtp' | 'captured'>,
  rtpTimestamp: number,
): number {
  const ticks = (rtpTimestamp - clock.rtp) | 0;
  return clock.captured / 1000 + ticks / VIDEO_CLOCK_PER_MS;
}

/** Median, or null of nothing. */
export function median(values: readonly number[]): number | null {
  if (values.length === 0) return null;
  const sorted = [...values].sort((a, b) => a - b);
  const middle = sorted.length >> 1;
  const upper = sorted[middle] ?? 0;
  return sorted.length % 2 === 1 ? upper : ((sorted[middle - 1] ?? 0) + upper) / 2;
}

export class LatencyMeter {
  readonly #clock: ClockSync;
  readonly #timeOrigin: number;
  #mediaClock: MediaClock | null = null;
  #recent: number[] = [];
  #captured: number | null = null;

  constructor(clock: ClockSync, timeOrigin = performance.timeOrigin) {
    this.#clock = clock;
    this.#timeOrigin = timeOrigin;
  }

  handle(event: ControlEvent): void {
    if (event.type === 'media_clock') this.#mediaClock = event;
  }

  /** Latency of one picture in milliseconds, or null while the clocks are not known. */
  frame(frame: PresentedFrame): number | null {
    if (this.#mediaClock === null || frame.rtpTimestamp === undefined) return null;
    this.#captured = captureTime(this.#mediaClock, frame.rtpTimestamp);
    const { offset } = this.#clock;
    if (offset === null) return null;
    const shown = frame.expectedDisplayTime + this.#timeOrigin + offset;
    const latency = shown - this.#captured;
    this.#recent.push(latency);
    if (this.#recent.length > MEDIAN_OF) this.#recent.shift();
    return latency;
  }

  /** Capture time of the newest picture on the server's clock, in milliseconds; null before it is known. */
  get captured(): number | null {
    return this.#captured;
  }

  /** Median of the last second. */
  get smoothed(): Latency | null {
    const ms = median(this.#recent);
    // Below zero the clocks are wrong by more than the latency: better no number than a false one.
    if (ms === null || ms < 0) return null;
    return { ms, estimated: this.#mediaClock?.estimated ?? true };
  }
}

/** Where pictures carry no timestamp: what this side knows of, plus half a round trip to the server. */
export function estimateLatency(parts: {
  roundTripMs: number | null;
  jitterBufferMs: number | null;
  decodeMs: number | null;
  fps: number | null;
}): Latency | null {
  if (parts.jitterBufferMs === null) return null;
  // Capture and encoding at the publisher take about one picture, its way to the server is unknown to us.
  const picture = parts.fps === null || parts.fps <= 0 ? 33 : 1000 / parts.fps;
  return {
    ms: (parts.roundTripMs ?? 0) + parts.jitterBufferMs + (parts.decodeMs ?? 0) + picture,
    estimated: true,
  };
}
