// Watches a video element picture by picture: gaps, sizes, and the age of the time code.

import { Late } from './late.ts';
import { codeAge, TimeCodeReader } from './time-code.ts';

/** What was seen since the last mark. */
export interface PictureReport {
  pictures: number;
  width: number;
  height: number;
  fps: number;
  /** Longest time between two presented pictures, in milliseconds. */
  longestGap: number;
  /** Gaps over 200 ms: what a person calls a freeze. */
  freezes: number;
  /** Sizes in the order in which they came, with the time (`Date.now()`) of the first picture. */
  sizes: { height: number; at: number }[];
  /** Age of the time code at presentation, sorted, where it could be read. */
  ages: number[];
  unreadable: number;
}

/** A person calls this a freeze. */
const FREEZE_MS = 200;

export class Gauge {
  firstAt = 0;
  readonly #video: HTMLVideoElement;
  readonly #reader: TimeCodeReader | null;
  readonly #waiting: { done: () => boolean }[] = [];
  #last: { at: number; presented: number } | null = null;
  #total = 0;
  #since = { pictures: 0, at: 0, longestGap: 0, freezes: 0, unreadable: 0 };
  #sizes: { height: number; at: number }[] = [];
  #ages: number[] = [];

  constructor(video: HTMLVideoElement, timeCode: boolean) {
    this.#video = video;
    this.#reader = timeCode ? new TimeCodeReader() : null;
    video.requestVideoFrameCallback(this.#onPicture);
  }

  readonly #onPicture = (now: number, metadata: VideoFrameCallbackMetadata): void => {
    this.#video.requestVideoFrameCallback(this.#onPicture);
    const wall = Date.now();
    // The time of composition where the browser tells it: a late callback is no late picture.
    const at = metadata.presentationTime > 0 ? metadata.presentationTime : now;
    if (this.#last !== null) {
      // Pictures presented in between had no callback of their own; spread the time over them.
      const steps = Math.max(1, metadata.presentedFrames - this.#last.presented);
      const gap = (at - this.#last.at) / steps;
      this.#since.longestGap = Math.max(this.#since.longestGap, gap);
      if (gap > FREEZE_MS) this.#since.freezes += 1;
      this.#since.pictures += steps;
    } else {
      this.firstAt = performance.now();
      this.#since = { ...this.#since, at, pictures: 1 };
    }
    this.#last = { at, presented: metadata.presentedFrames };
    this.#total += 1;
    if (this.#sizes.at(-1)?.height !== metadata.height) this.#sizes.push({ height: metadata.height, at: wall });
    if (this.#reader !== null) this.#readCode(this.#reader, wall);
    for (const waiter of [...this.#waiting]) {
      if (waiter.done()) this.#waiting.splice(this.#waiting.indexOf(waiter), 1);
    }
  };

  #readCode(reader: TimeCodeReader, wall: number): void {
    const drawn = reader.read(this.#video);
    if (drawn === null) this.#since.unreadable += 1;
    else this.#ages.push(codeAge(drawn, wall));
  }

  /** Forgets what was seen, so that the next report speaks of what follows. */
  mark(): void {
    this.#since = { pictures: 0, at: this.#last?.at ?? 0, longestGap: 0, freezes: 0, unreadable: 0 };
    this.#sizes = this.#sizes.slice(-1);
    this.#ages = [];
  }

  report(): PictureReport {
    const seconds = ((this.#last?.at ?? 0) - this.#since.at) / 1000;
    // A picture that never came is a freeze too.
    const silence = this.#last === null ? 0 : performance.now() - this.#last.at;
    return {
      pictures: this.#since.pictures,
      width: this.#video.videoWidth,
      height: this.#video.videoHeight,
      fps: seconds > 0 ? this.#since.pictures / seconds : 0,
      longestGap: Math.max(this.#since.longestGap, silence),
      freezes: this.#since.freezes + (silence > FREEZE_MS && this.#since.longestGap < silence ? 1 : 0),
      sizes: this.#sizes,
      ages: [...this.#ages].sort((one, other) => one - other),
      unreadable: this.#since.unreadable,
    };
  }

  /** Resolves when `count` more pictures have come. */
  reaches(count: number, timeoutMs: number): Promise<void> {
    const wanted = this.#total + count;
    return this.#until(() => this.#total >= wanted, timeoutMs, () => `${count} pictures, ${wanted - this.#total} missing`);
  }

  /** Resolves with `Date.now()` when a picture of that height is shown. */
  async reachesHeight(height: number, timeoutMs: number): Promise<number> {
    const seen = (): boolean => this.#sizes.at(-1)?.height === height;
    await this.#until(seen, timeoutMs, () => `height ${height}, it is ${this.#sizes.at(-1)?.height}`);
    return this.#sizes.at(-1)?.at ?? 0;
  }

  /** Resolves with `Date.now()` when a picture smaller than that is shown. */
  async fallsBelow(height: number, timeoutMs: number): Promise<number> {
    const seen = (): boolean => (this.#sizes.at(-1)?.height ?? height) < height;
    await this.#until(seen, timeoutMs, () => `height below ${height}, it is ${this.#sizes.at(-1)?.height}`);
    return Date.now();
  }

  #until(done: () => boolean, timeoutMs: number, what: () => string): Promise<void> {
    return new Promise((resolve, reject) => {
      if (done()) {
        resolve();
        return;
      }
      const waiter = {
        done: (): boolean => {
          if (!done()) return false;
          clearTimeout(timer);
          resolve();
          return true;
        },
      };
      const timer = setTimeout(() => {
        this.#waiting.splice(this.#waiting.indexOf(waiter), 1);
        reject(new Late(`waited ${timeoutMs} ms for ${what()}`));
      }, timeoutMs);
      this.#waiting.push(waiter);
    });
  }
}
