// A server with a running broadcast, and an engine that plays nothing and says what it was told.

import { afterEach, beforeEach, vi } from 'vitest';
import { Emitter } from '@/lib/emitter';
import type { serve } from '@/testing/server';
import * as engines from './engine';
import type { Engine, EngineEvents, EngineOptions } from './engine';

export const MASTER = `${location.origin}/hls/demo/master.m3u8`;
export const START = Date.UTC(2026, 10, 21, 20, 0, 0);
export const master = () => new Response('#EXTM3U\n#EXT-X-STREAM-INF:BANDWIDTH=1\nv0/media.m3u8\n');
export const media = (more = '') =>
  new Response(
    `#EXTM3U\n#EXT-X-PROGRAM-DATE-TIME:${new Date(START).toISOString()}\n${'#EXTINF:4,\nseg.m4s\n'.repeat(30)}${more}`,
  );

/** Plays nothing, and says what it was told. */
export class StillEngine extends Emitter<EngineEvents> implements Engine {
  static opened: EngineOptions[] = [];
  static newest: StillEngine | null = null;
  bandwidth = 1e6;
  edge = 118;
  window = { start: START, end: START + 120_000 };
  complete = false;
  readonly told: string[] = [];
  dateAt = (position: number) => START + position * 1000;
  positionOf = (date: number) => (date - START) / 1000;
  select = (rid: string | null) => this.told.push(`select ${rid}`);
  follow = (wanted: boolean) => this.told.push(`follow ${wanted}`);
  resume = () => this.told.push('resume');
  mend = () => this.told.push('mend');
  close = () => this.told.push('close');
}

export function element(): HTMLVideoElement {
  const video = document.createElement('video');
  Object.defineProperty(video, 'buffered', { value: { length: 0 } });
  Object.defineProperty(video, 'seeking', { value: false });
  return video;
}

export async function settle(): Promise<void> {
  for (let round = 0; round < 20; round += 1) await vi.advanceTimersByTimeAsync(0);
}

export function newest(): StillEngine {
  if (StillEngine.newest === null) throw new Error('Nothing was opened');
  return StillEngine.newest;
}

/** What is asked before anything plays. */
export const playlists = (): Parameters<typeof serve>[0] => ({
  'GET /hls/demo/master.m3u8': master,
  'GET /hls/demo/v0/media.m3u8': () => media(),
});

/** Fake timers and a fresh engine for each test. */
export function stage(): void {
  beforeEach(() => {
    vi.useFakeTimers();
    StillEngine.opened = [];
    StillEngine.newest = null;
    vi.spyOn(engines, 'openEngine').mockImplementation((_, options) => {
      StillEngine.opened.push(options);
      StillEngine.newest = new StillEngine();
      return Promise.resolve(StillEngine.newest);
    });
  });

  afterEach(() => {
    vi.useRealTimers();
    vi.unstubAllGlobals();
    vi.restoreAllMocks();
  });
}
