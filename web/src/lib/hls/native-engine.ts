// HLS by the browser itself: Safari. It says less, and chooses the layer alone.

import { Emitter } from '@/lib/emitter';
import type { Engine, EngineEvents, EngineOptions } from './engine';
import type { LiveWindow } from './playlist';

/** Distance from the end of what can be played that counts as live: Safari keeps some by itself. */
const EDGE_S = 3;

type DatedVideo = HTMLVideoElement & { getStartDate?: () => Date };

export class NativeEngine extends Emitter<EngineEvents> implements Engine {
  readonly bandwidth = null;
  readonly #video: DatedVideo;
  readonly #url: string;
  readonly #onError = () => {
    const { code } = this.#video.error ?? { code: MediaError.MEDIA_ERR_NETWORK };
    this.emit('trouble', {
      kind: code === MediaError.MEDIA_ERR_DECODE ? 'media' : 'network',
      status: null,
    });
  };

  private constructor(video: HTMLVideoElement, url: string, from: number | null) {
    super();
    this.#video = video;
    this.#url = url;
    video.addEventListener('error', this.#onError);
    video.src = url;
    if (from !== null) this.#seekOnceReady(from);
  }

  /** It sends no headers of ours, so the token goes in the address. */
  static async open(
    video: HTMLVideoElement,
    { url, credential, from }: EngineOptions,
  ): Promise<NativeEngine> {
    const found = await credential();
    const address = new URL(url, location.href);
    if (found !== null) address.searchParams.set('token', found.text);
    return new NativeEngine(video, address.href, from);
  }

  get edge(): number | null {
    const { seekable } = this.#video;
    return seekable.length === 0 ? null : seekable.end(seekable.length - 1) - EDGE_S;
  }

  get complete(): boolean {
    return Number.isFinite(this.#video.duration);
  }

  get window(): LiveWindow | null {
    const { seekable } = this.#video;
    if (seekable.length === 0) return null;
    const start = this.dateAt(seekable.start(0));
    const end = this.dateAt(seekable.end(seekable.length - 1));
    return start === null || end === null ? null : { start, end };
  }

  dateAt(position: number): number | null {
    const start = this.#video.getStartDate?.().getTime() ?? Number.NaN;
    return Number.isNaN(start) ? null : start + position * 1000;
  }

  positionOf(date: number): number | null {
    const zero = this.dateAt(0);
    return zero === null ? null : (date - zero) / 1000;
  }

  select(): void {
    // Safari offers no choice.
  }

  follow(): void {
    // Nor here.
  }

  resume(): void {
    const at = this.#video.currentTime;
    this.#video.src = this.#url;
    this.#seekOnceReady(at);
  }

  mend(): void {
    this.resume();
  }

  close(): void {
    this.#video.removeEventListener('error', this.#onError);
    this.#video.removeAttribute('src');
    this.#video.load();
  }

  #seekOnceReady(seconds: number): void {
    this.#video.addEventListener(
      'loadedmetadata',
      () => {
        const { seekable } = this.#video;
        this.#video.currentTime = seconds + (seekable.length === 0 ? 0 : seekable.start(0));
      },
      { once: true },
    );
  }
}
