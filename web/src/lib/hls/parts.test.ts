import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { Patience } from './fallback';
import { firstVariantOf, windowOf } from './playlist';
import { dateAt, positionOf } from './position';
import { ServedClock } from './served-clock';
import { tileAt, tilesOf } from './storyboard';
import { Switchboard, type DirectLine } from './switchboard';

const MEDIA = `#EXTM3U
#EXT-X-VERSION:9
#EXT-X-TARGETDURATION:4
#EXT-X-MAP:URI="init-0.mp4?token=t"
#EXT-X-PROGRAM-DATE-TIME:2026-11-21T20:00:00.000Z
#EXTINF:4.000,
seg-7.m4s
#EXT-X-GAP
#EXTINF:4.000,
seg-8.m4s
#EXT-X-DISCONTINUITY
#EXT-X-PROGRAM-DATE-TIME:2026-11-21T20:01:00.000Z
#EXT-X-PART:DURATION=0.333,URI="part-9-0.m4s",INDEPENDENT=YES
#EXT-X-PART:DURATION=0.333,URI="part-9-1.m4s"
#EXTINF:0.666,
seg-9.m4s
#EXT-X-PART:DURATION=0.5,URI="part-10-0.m4s",INDEPENDENT=YES
#EXT-X-PRELOAD-HINT:TYPE=PART,URI="part-10-1.m4s"
`;
const START = Date.UTC(2026, 10, 21, 20, 0, 0);

describe('a playlist', () => {
  it('says how far back a broadcast goes, holes and unfinished segments included', () => {
    expect(windowOf(MEDIA)).toEqual({ start: START, end: START + 60_000 + 666 + 500 });
  });

  it('without dates says nothing', () => {
    expect(windowOf('#EXTM3U\n#EXTINF:4,\nseg-0.m4s\n')).toBeNull();
    expect(windowOf('<html>')).toBeNull();
  });

  it('of all names the best picture first', () => {
    const master = `#EXTM3U
#EXT-X-MEDIA:TYPE=AUDIO,GROUP-ID="a",URI="a0/media.m3u8"
#EXT-X-STREAM-INF:BANDWIDTH=2500000,AUDIO="a"
v0/media.m3u8?token=x
#EXT-X-STREAM-INF:BANDWIDTH=500000,AUDIO="a"
v1/media.m3u8?token=x
`;
    expect(firstVariantOf(master)).toBe('v0/media.m3u8?token=x');
    expect(firstVariantOf('#EXTM3U')).toBeNull();
  });
});

describe('positions and dates', () => {
  const segments = [
    { start: 0, duration: 4, programDateTime: START },
    { start: 4, duration: 4, programDateTime: START + 4000 },
    { start: 8, duration: 4, programDateTime: START + 60_000 },
  ];

  it('follow each segment, and go on beyond the last', () => {
    expect(dateAt(segments, 5)).toBe(START + 5000);
    expect(dateAt(segments, 9)).toBe(START + 61_000);
    expect(dateAt(segments, 14)).toBe(START + 66_000);
    expect(dateAt([], 5)).toBeNull();
  });

  it('turn back into each other', () => {
    for (const position of [0, 3.5, 7.9, 8, 11]) {
      expect(positionOf(segments, dateAt(segments, position) ?? 0)).toBeCloseTo(position, 6);
    }
  });

  it('lead out of a hole, and never before the beginning', () => {
    expect(positionOf(segments, START + 30_000)).toBe(8);
    expect(positionOf(segments, START - 30_000)).toBe(0);
  });
});

describe('the clock of the server', () => {
  it('is found within a tenth of a second from answers that are cut to the second', () => {
    const clock = new ServedClock();
    const offset = 12_345;
    expect(clock.offset).toBeNull();
    for (let at = 0; at < 20_000; at += 337) {
      const date = Math.floor((at + 15 + offset) / 1000) * 1000;
      clock.add({ date, asked: at, heard: at + 30 });
    }
    expect(Math.abs((clock.offset ?? 0) - offset)).toBeLessThan(100);
    expect(clock.good).toBe(true);
  });

  it('is not good after one answer, and begins anew when a clock was set', () => {
    const clock = new ServedClock();
    clock.add({ date: 5000, asked: 0, heard: 40 });
    expect(clock.good).toBe(false);
    clock.add({ date: 3_605_000, asked: 1000, heard: 1040 });
    expect(clock.offset).toBeGreaterThan(3_600_000);
    clock.add({ date: Number.NaN, asked: 0, heard: 1 });
    expect(clock.offset).toBeGreaterThan(3_600_000);
  });
});

describe('a storyboard', () => {
  const track = `WEBVTT

00:00:00.000 --> 00:00:10.000
storyboard-0.jpg#xywh=0,0,160,90

1:00:00.000 --> 1:00:10.000
storyboard-1.jpg?token=a#xywh=160,90,160,90

00:20.000 --> 00:30.000
not a tile
`;
  const tiles = tilesOf(track, 'https://a.example/vod/r/storyboard.vtt');

  it('names the picture of a moment', () => {
    expect(tiles).toHaveLength(2);
    expect(tileAt(tiles, 9000)?.url).toBe('https://a.example/vod/r/storyboard-0.jpg');
    expect(tileAt(tiles, 3_605_000)).toMatchObject({
      url: 'https://a.example/vod/r/storyboard-1.jpg?token=a',
      x: 160,
      y: 90,
    });
  });

  it('has none where there is none', () => {
    expect(tileAt([], 5)).toBeNull();
    expect(tileAt(tiles, -1)).toBeNull();
  });
});

describe('the patience with a direct line', () => {
  beforeEach(() => {
    vi.useFakeTimers();
  });
  afterEach(() => {
    vi.useRealTimers();
  });

  it('ends some seconds after an answer that no packet followed', () => {
    const lost = vi.fn();
    const patience = new Patience(lost);
    patience.answered();
    vi.advanceTimersByTime(3900);
    expect(lost).not.toHaveBeenCalled();
    vi.advanceTimersByTime(200);
    expect(lost).toHaveBeenCalledTimes(1);
  });

  it('does not end while packets come, or where the server refuses', () => {
    const lost = vi.fn();
    const patience = new Patience(lost);
    patience.answered();
    patience.settled();
    patience.answered();
    patience.refused('not_live');
    vi.advanceTimersByTime(60_000);
    expect(lost).not.toHaveBeenCalled();
    patience.refused('timeout');
    expect(lost).toHaveBeenCalledTimes(1);
  });
});

describe('the switchboard', () => {
  /** A direct line that the test speaks for. */
  function line() {
    const listeners = new Map<string, (value: never) => void>();
    return {
      on: ((type: string, listener: (value: never) => void) => {
        listeners.set(type, listener);
        return () => listeners.delete(type);
      }) as DirectLine['on'],
      say: (type: string, value?: unknown) => listeners.get(type)?.(value as never),
      listeners,
    };
  }

  it('takes the direct way, and HLS where no packet comes through', () => {
    const board = new Switchboard('auto', true);
    const direct = line();
    const off = board.watch(direct);
    expect(board.state.get()).toMatchObject({ route: 'direct', why: null });
    direct.say('answered');
    direct.say('refused', { code: 'timeout' });
    expect(board.state.get()).toMatchObject({ route: 'hls', why: 'blocked' });
    expect(Switchboard.keepsDirect(board.state.get())).toBe(false);
    board.retryDirect();
    expect(board.state.get()).toMatchObject({ route: 'direct', why: null });
    off();
    expect(direct.listeners.size).toBe(0);
  });

  it('stays with what was chosen', () => {
    const board = new Switchboard('direct', true);
    const direct = line();
    board.watch(direct);
    direct.say('refused', { code: 'timeout' });
    expect(board.state.get().route).toBe('direct');
    board.choose('hls');
    expect(board.state.get()).toMatchObject({ route: 'hls', why: 'chosen' });
    expect(board.goLive()).toBe(false);
  });

  it('goes back in time with the direct line at hand, and returns to it', () => {
    const board = new Switchboard('auto', true);
    board.rewind(1234);
    expect(board.state.get()).toMatchObject({ route: 'hls', why: 'rewound', from: 1234 });
    expect(Switchboard.keepsDirect(board.state.get())).toBe(true);
    expect(board.goLive()).toBe(true);
    expect(board.state.get()).toMatchObject({ route: 'direct', why: null, from: null });
  });

  it('knows browsers that have no direct line', () => {
    expect(new Switchboard('auto', false).state.get()).toMatchObject({
      route: 'hls',
      why: 'blocked',
    });
  });
});
