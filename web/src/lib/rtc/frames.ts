// Follows the pictures that a video element presents: how many, how late, and where it froze.

import type { LatencyMeter, PresentedFrame } from './latency';

/** A gap that people see; shorter ones are jitter. */
export const FREEZE_MS = 200;

export interface Freezes {
  count: number;
  longestMs: number;
}

interface FrameWatcherOptions {
  /** Whether a gap counts: not while hidden, off the air or reconnecting. */
  expectsFrames(): boolean;
  onFrame?(at: DOMHighResTimeStamp, frame: PresentedFrame, latency: number | null): void;
}

export class FrameWatcher {
  presented = 0;
  readonly freezes: Freezes = { count: 0, longestMs: 0 };
  meter: LatencyMeter | null = null;
  readonly #video: HTMLVideoElement;
  readonly #options: FrameWatcherOptions;
  #handle: number | null = null;
  #last: number | null = null;

  constructor(video: HTMLVideoElement, options: FrameWatcherOptions) {
    this.#video = video;
    this.#options = options;
  }

  start(): void {
    if ('requestVideoFrameCallback' in this.#video) this.#next();
  }

  stop(): void {
    if (this.#handle !== null) this.#video.cancelVideoFrameCallback(this.#handle);
    this.#handle = null;
  }

  /** The next gap does not count: the page was hidden or the stream changed. */
  forgive(): void {
    this.#last = null;
  }

  #next(): void {
    this.#handle = this.#video.requestVideoFrameCallback((now, metadata) => {
      this.#presented(now, metadata);
      this.#next();
    });
  }

  #presented(now: DOMHighResTimeStamp, frame: PresentedFrame): void {
    this.presented += 1;
    if (!this.#options.expectsFrames()) this.#last = null;
    if (this.#last !== null) {
      const gap = now - this.#last;
      if (gap > FREEZE_MS) {
        this.freezes.count += 1;
        this.freezes.longestMs = Math.max(this.freezes.longestMs, gap);
      }
    }
    this.#last = now;
    this.#options.onFrame?.(now, frame, this.meter?.frame(frame) ?? null);
  }
}
