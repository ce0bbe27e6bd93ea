// HLS by hls.js. This file is the only one that imports it, and it is imported when it is needed.

import Hls, { type ErrorData, type HlsConfig, type Level, type LevelDetails } from 'hls.js';
import type { LayerInfo } from '@/lib/api/generated/LayerInfo';
import { Emitter } from '@/lib/emitter';
import { pageNow } from '@/lib/rtc/clock';
import type { CredentialSource } from '@/lib/rtc/credential';
import type { Engine, EngineEvents, EngineOptions } from './engine';
import type { LiveWindow } from './playlist';
import { dateAt, positionOf } from './position';

/** Played pictures that are kept for going back a little; more costs the memory of phones. */
const BACK_BUFFER_S = 60;
/** How far ahead of the picture is loaded. More wastes what nobody watches, less breaks in tunnels. */
const AHEAD_S = 30;
/** Bits per second, until something was measured: a picture that most can have at once. */
const FIRST_GUESS = 2_500_000;
/** Behind the edge it plays this much faster until it is there again; more can be heard. */
const CATCH_UP_RATE = 1.08;

export class ScriptEngine extends Emitter<EngineEvents> implements Engine {
  complete = false;
  readonly #hls: Hls;
  #details: LevelDetails | null = null;

  constructor(video: HTMLVideoElement, { url, credential, live, from }: EngineOptions) {
    super();
    this.#hls = new Hls({
      lowLatencyMode: live,
      maxLiveSyncPlaybackRate: live && from === null ? CATCH_UP_RATE : 1,
      startPosition: from ?? -1,
      abrEwmaDefaultEstimate: FIRST_GUESS,
      backBufferLength: BACK_BUFFER_S,
      maxBufferLength: AHEAD_S,
      // No more than the box shows; the server does the same for WebRTC.
      capLevelToPlayerSize: true,
      xhrSetup: withToken(credential),
    });
    this.#listen();
    this.#hls.loadSource(url);
    this.#hls.attachMedia(video);
  }

  get bandwidth(): number | null {
    const estimate = this.#hls.bandwidthEstimate;
    return Number.isFinite(estimate) ? estimate : null;
  }

  get edge(): number | null {
    return this.#hls.liveSyncPosition;
  }

  get window(): LiveWindow | null {
    const details = this.#details;
    if (details === null) return null;
    const first = details.fragments[0];
    const start = first === undefined ? null : this.dateAt(first.start);
    const end = this.dateAt(details.edge);
    return start === null || end === null ? null : { start, end };
  }

  dateAt(position: number): number | null {
    return dateAt(this.#details?.fragments ?? [], position);
  }

  positionOf(date: number): number | null {
    return positionOf(this.#details?.fragments ?? [], date);
  }

  select(rid: string | null): void {
    // The next segment, not the picture at once: what is buffered plays on without a hole.
    this.#hls.nextLevel = rid === null ? -1 : Number(rid);
  }

  follow(wanted: boolean): void {
    this.#hls.config.maxLiveSyncPlaybackRate = wanted ? CATCH_UP_RATE : 1;
  }

  resume(): void {
    this.#hls.startLoad();
  }

  mend(): void {
    this.#hls.recoverMediaError();
  }

  close(): void {
    this.#hls.destroy();
  }

  #listen(): void {
    const { Events } = Hls;
    // The best first, as everywhere.
    this.#hls.on(Events.MANIFEST_PARSED, (_, { levels }) =>
      this.emit('layers', levels.map(layerOf).reverse()),
    );
    this.#hls.on(Events.LEVEL_SWITCHED, (_, { level }) => this.emit('layer', String(level)));
    this.#hls.on(Events.LEVEL_UPDATED, (_, { details }) => {
      this.#details = details;
      this.complete = !details.live;
    });
    this.#hls.on(Events.LEVEL_LOADED, (_, { details, networkDetails, stats }) => {
      this.#details ??= details;
      const date = dateOf(networkDetails);
      if (date === null) return;
      // Both are read on the clock of performance.now().
      const shift = pageNow() - performance.now();
      this.emit('served', {
        date,
        asked: stats.loading.start + shift,
        heard: (stats.loading.first === 0 ? stats.loading.end : stats.loading.first) + shift,
      });
    });
    this.#hls.on(Events.ERROR, (_, data) => this.#failed(data));
  }

  #failed({ fatal, type, response }: ErrorData): void {
    // What is not fatal it mends by itself.
    if (!fatal) return;
    this.emit('trouble', {
      kind: type === Hls.ErrorTypes.NETWORK_ERROR ? 'network' : 'media',
      status: response?.code ?? null,
    });
  }
}

function layerOf(level: Level, index: number): LayerInfo {
  return {
    rid: String(index),
    width: level.width === 0 ? null : level.width,
    height: level.height === 0 ? null : level.height,
    bitrate: level.bitrate,
    fps: level.frameRate,
    active: true,
  };
}

/** Shows the token of the moment with every request, so that one that ends mid-play is replaced. */
function withToken(credential: CredentialSource): NonNullable<HlsConfig['xhrSetup']> {
  return async (request, url) => {
    const found = await credential();
    if (found === null) return;
    if (request.readyState === XMLHttpRequest.UNSENT) request.open('GET', url, true);
    request.setRequestHeader('authorization', `Bearer ${found.text}`);
  };
}

function dateOf(answer: unknown): number | null {
  if (!(answer instanceof XMLHttpRequest)) return null;
  const header = answer.getResponseHeader('date');
  return header === null ? null : Date.parse(header);
}
