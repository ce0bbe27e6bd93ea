// A player made of nothing but hls.js and a video element, and what it can tell of its picture.

import Hls from 'hls.js';

import { Gauge, type PictureReport } from './gauge.ts';

export interface HlsOptions {
  /** Of the master playlist. */
  url: string;
  /** Read the time code of each picture. */
  timeCode?: boolean;
  /** Ask for parts and blocking reloads (RFC 8216bis). */
  lowLatency?: boolean;
}

export interface HlsReport extends PictureReport {
  /** What the playlists promise, from the edge of the broadcast to here, in seconds. */
  latency: number;
  /** Seconds of media that can be sought in. */
  seekable: { start: number; end: number };
  currentTime: number;
  duration: number;
  /** Bits per second that hls.js expects of the network. */
  bandwidth: number;
  /** Heights of the renditions, lowest first. */
  heights: number[];
  /** Errors of hls.js, the fatal ones first. */
  errors: string[];
  /** Bytes of sound that were decoded. */
  audioBytes: number;
  ended: boolean;
}

export class HlsPlayer {
  readonly video: HTMLVideoElement;
  readonly gauge: Gauge;
  readonly #hls: Hls;
  readonly #errors: string[] = [];

  private constructor(options: HlsOptions) {
    this.video = document.createElement('video');
    this.video.muted = true;
    this.video.width = 640;
    document.body.append(this.video);
    this.gauge = new Gauge(this.video, options.timeCode === true);
    this.#hls = new Hls({
      lowLatencyMode: options.lowLatency ?? true,
      backBufferLength: 600,
      // What is measured is how near the server lets a player come: one that fell behind catches up, and
      // does not keep away for good because a busy machine stalled it once.
      maxLiveSyncPlaybackRate: 1.5,
      liveSyncOnStallIncrease: 0,
    });
    this.#hls.on(Hls.Events.ERROR, (_event, { fatal, details, reason, response }) => {
      const text = `${fatal ? 'fatal ' : ''}${details} ${reason ?? ''} ${response?.code ?? ''}`.trim();
      if (fatal) this.#errors.unshift(text);
      else this.#errors.push(text);
    });
  }

  /** Plays, and resolves at the first picture. */
  static async start(options: HlsOptions): Promise<HlsPlayer> {
    const player = new HlsPlayer(options);
    const first = player.gauge.reaches(1, 20_000);
    player.#hls.attachMedia(player.video);
    player.#hls.loadSource(options.url);
    // A live player starts near the edge only once it knows where that is.
    player.#hls.once(Hls.Events.LEVEL_LOADED, () => void player.video.play());
    await first.catch((cause: unknown) => {
      throw new Error(`${String(cause)}; ${JSON.stringify(player.report())}`);
    });
    return player;
  }

  report(): HlsReport {
    const { video } = this;
    const { seekable } = video;
    const last = seekable.length - 1;
    const decoded = (video as { webkitAudioDecodedByteCount?: number }).webkitAudioDecodedByteCount ?? 0;
    return {
      ...this.gauge.report(),
      latency: this.#hls.latency,
      seekable: last < 0 ? { start: 0, end: 0 } : { start: seekable.start(0), end: seekable.end(last) },
      currentTime: video.currentTime,
      duration: video.duration,
      bandwidth: this.#hls.bandwidthEstimate,
      heights: this.#hls.levels.map(({ height }) => height),
      errors: this.#errors.slice(0, 10),
      audioBytes: decoded,
      ended: video.ended,
    };
  }

  /** Pins the rendition with this index of `heights`; -1 returns to automatic choice. */
  pin(level: number): void {
    this.#hls.currentLevel = level;
  }

  seek(seconds: number): void {
    this.video.currentTime = seconds;
  }

  faster(rate: number): void {
    this.video.playbackRate = rate;
  }

  stop(): void {
    this.#hls.destroy();
    this.video.remove();
  }
}
