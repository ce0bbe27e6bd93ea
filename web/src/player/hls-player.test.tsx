import { act, render, screen, waitFor } from '@testing-library/react';
import userEvent from '@testing-library/user-event';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { Emitter } from '@/lib/emitter';
import * as engines from '@/lib/hls/engine';
import type { Engine, EngineEvents } from '@/lib/hls/engine';
import { accessibilityProblems } from '@/testing/axe';
import { FakePeer } from '@/testing/peer';
import { refuse, serve } from '@/testing/server';
import { Player } from './Player';
import { RecordingPlayer } from './RecordingPlayer';
import type { SeenSource } from './use-seen';

const OPTIONS = { autoplay: true, muted: false, controls: true };
const START = Date.UTC(2026, 10, 21, 20, 0, 0);
const LENGTH = 120;

/** Two layers of a broadcast, or a recording, of two minutes. */
class StillEngine extends Emitter<EngineEvents> implements Engine {
  bandwidth = 2e6;
  edge = LENGTH - 1;
  window = { start: START, end: START + LENGTH * 1000 };
  complete = false;
  selected: string | null = null;
  dateAt = (position: number) => START + position * 1000;
  positionOf = (date: number) => (date - START) / 1000;
  select = (rid: string | null) => {
    this.selected = rid;
  };
  follow = () => undefined;
  resume = () => undefined;
  mend = () => undefined;
  close = () => undefined;
}

let engine: StillEngine;

const layer = (rid: string, height: number) => ({
  rid,
  width: (height * 16) / 9,
  height,
  bitrate: height * 2000,
  fps: 30,
  active: true,
});

function video(): HTMLVideoElement {
  const found = document.querySelector('video');
  if (found === null) throw new Error('There is no video');
  return found;
}

/** The first picture is on the screen, at this second. */
async function plays(at: number): Promise<void> {
  await waitFor(() => expect(engines.openEngine).toHaveBeenCalled());
  await act(async () => {
    await Promise.resolve();
    engine.emit('layers', [layer('1', 720), layer('0', 360)]);
    engine.emit('layer', '0');
    video().currentTime = at;
    video().dispatchEvent(new Event('loadedmetadata'));
    video().dispatchEvent(new Event('playing'));
  });
}

beforeEach(() => {
  engine = new StillEngine();
  vi.stubGlobal('RTCPeerConnection', FakePeer);
  vi.stubGlobal('MediaStream', class extends EventTarget {});
  vi.spyOn(engines, 'openEngine').mockImplementation(() => Promise.resolve(engine));
  vi.spyOn(HTMLMediaElement.prototype, 'play').mockResolvedValue();
  vi.spyOn(HTMLMediaElement.prototype, 'pause').mockReturnValue();
  Object.defineProperty(HTMLMediaElement.prototype, 'duration', {
    configurable: true,
    get: () => LENGTH,
  });
  Object.defineProperty(HTMLMediaElement.prototype, 'buffered', {
    configurable: true,
    get: () => ({ length: 0 }),
  });
  Object.defineProperty(HTMLMediaElement.prototype, 'seeking', {
    configurable: true,
    get: () => false,
  });
  HTMLVideoElement.prototype.getVideoPlaybackQuality = () =>
    ({ totalVideoFrames: 10, droppedVideoFrames: 0 }) as VideoPlaybackQuality;
  serve({
    'POST /whep/demo': () => refuse(409, 'not_live'),
    'GET /hls/demo/master.m3u8': () =>
      new Response('#EXTM3U\n#EXT-X-STREAM-INF:BANDWIDTH=1\nv0/media.m3u8\n'),
    'GET /hls/demo/v0/media.m3u8': () =>
      new Response('#EXTM3U\n#EXT-X-PROGRAM-DATE-TIME:2026-11-21T20:00:00Z\n#EXTINF:120,\na\n'),
    'GET /vod/r1/master.m3u8': () => new Response('#EXTM3U\n'),
    'GET /vod/r1/storyboard.vtt': () =>
      new Response('WEBVTT\n\n00:00.000 --> 00:10.000\nstoryboard-0.jpg#xywh=0,0,160,90\n'),
  });
});

afterEach(() => {
  vi.unstubAllGlobals();
  vi.restoreAllMocks();
  history.replaceState(null, '', '/');
});

// Requirements: R121, R126
describe('the player of a stream, by HLS', () => {
  function show() {
    history.replaceState(null, '', '/watch/demo?route=hls');
    return render(<Player stream="demo" title="Demo" options={OPTIONS} />);
  }

  it('is live at the edge, and says how far behind it is elsewhere', async () => {
    const user = userEvent.setup();
    const { container } = show();
    await plays(LENGTH - 1);
    expect(await screen.findByRole('button', { name: 'Live' })).toBeTruthy();
    const bar = await screen.findByRole('slider', { name: 'Position' });
    expect(bar.getAttribute('aria-valuetext')).toBe('Live');
    await user.keyboard('j');
    expect(video().currentTime).toBe(LENGTH - 11);
    expect(await screen.findByRole('button', { name: 'Behind. Jump to live' })).toBeTruthy();
    expect(bar.getAttribute('aria-valuetext')).toBe('0:11 behind live');
    expect(await accessibilityProblems(container)).toEqual([]);
    await user.keyboard('{End}');
    expect(video().currentTime).toBe(LENGTH - 1);
    expect(await screen.findByRole('button', { name: 'Live' })).toBeTruthy();
  });

  it('says when the picture on the screen was captured, for the chat beside it', async () => {
    const seen: SeenSource = { current: null };
    history.replaceState(null, '', '/watch/demo?route=hls');
    const view = render(<Player stream="demo" title="Demo" options={OPTIONS} seen={seen} />);
    expect(seen.current?.()).toBeNull();
    await plays(LENGTH - 1);
    expect(seen.current?.()).toBe(START + (LENGTH - 1) * 1000);
    await screen.findByRole('slider', { name: 'Position' });
    await userEvent.keyboard('j');
    expect(seen.current?.()).toBe(START + (LENGTH - 11) * 1000);
    view.unmount();
    expect(seen.current).toBeNull();
  });

  it('lets people choose the layer, and the way', async () => {
    const user = userEvent.setup();
    show();
    await plays(LENGTH - 1);
    await user.click(await screen.findByRole('button', { name: 'Settings' }));
    const names = screen.getAllByRole('menuitemradio').map((item) => item.textContent);
    expect(names).toEqual([
      'Auto (360p)',
      '720p1.4 Mbit/s',
      '360p720 kbit/s',
      'Automatic',
      'DirectWebRTC, least delay',
      'HLSpasses every firewall',
    ]);
    await user.click(screen.getByRole('menuitemradio', { name: /720p/ }));
    expect(engine.selected).toBe('1');
    await user.click(screen.getByRole('button', { name: 'Settings' }));
    await user.click(screen.getByRole('menuitemradio', { name: /Direct/ }));
    expect(localStorage.getItem('sluice.route')).toBe('direct');
    expect(await screen.findByText('This stream is offline')).toBeTruthy();
  });
});

it('says calmly that a browser without direct lines plays over HLS', async () => {
  vi.unstubAllGlobals();
  Reflect.deleteProperty(window, 'RTCPeerConnection');
  serve({
    'GET /hls/demo/master.m3u8': () =>
      new Response('#EXTM3U\n#EXT-X-STREAM-INF:BANDWIDTH=1\nv0/media.m3u8\n'),
    'GET /hls/demo/v0/media.m3u8': () =>
      new Response('#EXTM3U\n#EXT-X-PROGRAM-DATE-TIME:2026-11-21T20:00:00Z\n#EXTINF:120,\na\n'),
  });
  const { container } = render(<Player stream="demo" title="Demo" options={OPTIONS} />);
  await plays(LENGTH - 1);
  expect(await screen.findByText('Playing over HLS, a few seconds behind.')).toBeTruthy();
  expect(await accessibilityProblems(container)).toEqual([]);
  await userEvent.click(screen.getByRole('button', { name: 'Close' }));
  expect(screen.queryByText('Playing over HLS, a few seconds behind.')).toBeNull();
});

// Requirements: R126, R152
describe('the player of a recording', () => {
  const show = (onTime = vi.fn<(at: number, playing: boolean) => void>()) => ({
    onTime,
    ...render(
      <RecordingPlayer
        url={`${location.origin}/vod/r1/master.m3u8`}
        title="Part 1"
        options={OPTIONS}
        storyboard={`${location.origin}/vod/r1/storyboard.vtt`}
        chapters={[
          { at_ms: 0, title: 'Hello' },
          { at_ms: 60_000, title: 'Roof' },
        ]}
        from={30_000}
        onTime={onTime}
      />,
    ),
  });

  it('begins where it was left, and knows the keys', async () => {
    const user = userEvent.setup();
    const { container, onTime } = show();
    await plays(30);
    const bar = await screen.findByRole('slider', { name: 'Position' });
    expect(bar.getAttribute('aria-valuetext')).toBe('0:30 of 2:00');
    for (const [key, second] of [
      ['{ArrowRight}', 35],
      ['j', 20],
      ['5', 60],
      ['{End}', LENGTH],
      ['0', 0],
    ] as const) {
      act(() => void video().dispatchEvent(new Event('seeking')));
      await user.keyboard(key);
      act(() => void video().dispatchEvent(new Event('seeking')));
      expect([key, video().currentTime]).toEqual([key, key === 'j' ? 25 : second]);
    }
    await user.keyboard('>');
    expect(video().playbackRate).toBe(1.25);
    expect(onTime).toHaveBeenCalledWith(30_000, true);
    expect(await accessibilityProblems(container)).toEqual([]);
  });

  it('offers to begin anew at its end', async () => {
    show();
    await plays(LENGTH);
    act(() => void video().dispatchEvent(new Event('seeking')));
    act(() => void video().dispatchEvent(new Event('ended')));
    await userEvent.click(await screen.findByRole('button', { name: 'Watch again' }));
    expect(video().currentTime).toBe(0);
  });
});
