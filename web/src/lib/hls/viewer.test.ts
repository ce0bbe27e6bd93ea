import { describe, expect, it, vi } from 'vitest';
import { refuse, serve } from '@/testing/server';
import {
  element,
  MASTER,
  master,
  media,
  newest,
  playlists,
  settle,
  stage,
  START,
  StillEngine,
} from './test-engine';
import { HlsViewer } from './viewer';

stage();

describe('a viewer of a running broadcast', () => {
  // Requirements: R121, R126
  it('begins live, says when it plays, and goes back to a moment', async () => {
    serve(playlists());
    const video = element();
    const viewer = new HlsViewer({ url: MASTER, live: true });
    viewer.start(video, null);
    await settle();
    expect(StillEngine.opened[0]?.from).toBeNull();
    expect(viewer.state.get().phase).toBe('starting');
    video.currentTime = 118;
    video.dispatchEvent(new Event('playing'));
    expect(viewer.state.get().phase).toBe('live');
    expect(viewer.times()).toMatchObject({ at: START + 118_000, edge: START + 118_000 });
    viewer.seek(START + 30_000);
    expect(video.currentTime).toBe(30);
    expect(newest().told).toContain('follow false');
    viewer.goToEdge();
    expect(video.currentTime).toBe(118);
    viewer.stop();
    expect(newest().told).toContain('close');
  });

  it('begins at the moment that was asked for', async () => {
    serve(playlists());
    const viewer = new HlsViewer({ url: MASTER, live: true });
    viewer.start(element(), START + 50_000);
    await settle();
    expect(StillEngine.opened[0]?.from).toBe(50);
    viewer.stop();
  });

  it('waits for one that is off the air, and takes one that is over for that', async () => {
    const fake = serve({
      ...playlists(),
      'GET /hls/demo/master.m3u8': () => refuse(409, 'hls_not_live'),
    });
    const viewer = new HlsViewer({ url: MASTER, live: true });
    viewer.start(element(), null);
    await settle();
    expect(viewer.state.get().phase).toBe('offline');
    fake.on('GET /hls/demo/master.m3u8', master);
    fake.on('GET /hls/demo/v0/media.m3u8', () => media('#EXT-X-ENDLIST\n'));
    await vi.advanceTimersByTimeAsync(4000);
    expect(StillEngine.opened).toEqual([]);
    fake.on('GET /hls/demo/v0/media.m3u8', () => media());
    await vi.advanceTimersByTimeAsync(4000);
    expect(StillEngine.opened).toHaveLength(1);
    viewer.stop();
  });

  it('shows a new token where the old one has ended mid-play', async () => {
    let valid = 'old';
    const fake = serve({
      ...playlists(),
      'GET /hls/demo/master.m3u8': ({ headers }) =>
        headers.get('authorization') === `Bearer ${valid}`
          ? master()
          : refuse(401, 'token_expired'),
    });
    const viewer = new HlsViewer({
      url: MASTER,
      live: true,
      credential: () => Promise.resolve({ text: valid, expiresAt: null }),
    });
    const video = element();
    viewer.start(video, null);
    await settle();
    video.dispatchEvent(new Event('playing'));
    valid = 'new';
    newest().emit('trouble', { kind: 'network', status: 401 });
    await vi.advanceTimersByTimeAsync(1000);
    expect(newest().told).toContain('resume');
    const shown = fake
      .of('GET /hls/demo/master.m3u8')
      .map((sent) => sent.headers.get('authorization'));
    expect(shown).toEqual(['Bearer old', 'Bearer new']);
    viewer.stop();
  });

  it('says that the connection is gone, and comes back', async () => {
    const fake = serve(playlists());
    const video = element();
    const viewer = new HlsViewer({ url: MASTER, live: true });
    viewer.start(video, null);
    await settle();
    video.dispatchEvent(new Event('playing'));
    fake.on('GET /hls/demo/master.m3u8', () => Promise.reject(new TypeError('offline')));
    newest().emit('trouble', { kind: 'network', status: null });
    await vi.advanceTimersByTimeAsync(1000);
    expect(viewer.state.get()).toMatchObject({ phase: 'reconnecting', missing: 'connection' });
    fake.on('GET /hls/demo/master.m3u8', master);
    await vi.advanceTimersByTimeAsync(10_000);
    expect(newest().told).toContain('resume');
    video.dispatchEvent(new Event('playing'));
    expect(viewer.state.get()).toMatchObject({ phase: 'live', problem: null });
    viewer.stop();
  });

  it('gives up what the server refuses for good, and decoders that fail again and again', async () => {
    const fake = serve({
      ...playlists(),
      'GET /hls/demo/master.m3u8': () => refuse(409, 'hls_codec_unsupported'),
    });
    const viewer = new HlsViewer({ url: MASTER, live: true });
    viewer.start(element(), null);
    await settle();
    expect(viewer.state.get().problem?.code).toBe('hls_codec_unsupported');
    fake.on('GET /hls/demo/master.m3u8', master);
    viewer.retryNow();
    await settle();
    for (let round = 0; round < 4; round += 1)
      newest().emit('trouble', { kind: 'media', status: null });
    expect(newest().told.filter((word) => word === 'mend')).toHaveLength(3);
    expect(viewer.state.get()).toMatchObject({ phase: 'failed' });
    viewer.stop();
  });

  it('calls a picture that stands interrupted, but not one that was paused', async () => {
    serve(playlists());
    const video = element();
    const viewer = new HlsViewer({ url: MASTER, live: true });
    viewer.start(video, null);
    await settle();
    video.dispatchEvent(new Event('playing'));
    video.dispatchEvent(new Event('waiting'));
    await vi.advanceTimersByTimeAsync(700);
    expect(viewer.state.get().stalled).toBe(true);
    await vi.advanceTimersByTimeAsync(4000);
    expect(viewer.state.get().phase).toBe('reconnecting');
    video.dispatchEvent(new Event('playing'));
    expect(viewer.state.get()).toMatchObject({ phase: 'live', stalled: false });
    // Whoever was live is live again, and did not miss it by the length of the stop.
    expect(video.currentTime).toBe(118);
    video.dispatchEvent(new Event('waiting'));
    video.dispatchEvent(new Event('pause'));
    await vi.advanceTimersByTimeAsync(10_000);
    expect(viewer.state.get().phase).toBe('live');
    viewer.stop();
  });
});

describe('a viewer of a recording', () => {
  const VOD = `${location.origin}/vod/r1/master.m3u8`;

  it('begins where it was left, and stays where it ended', async () => {
    serve({ 'GET /vod/r1/master.m3u8': master });
    const video = element();
    Object.defineProperty(video, 'duration', { value: 600 });
    const viewer = new HlsViewer({ url: VOD, live: false });
    viewer.start(video, 90_000);
    await settle();
    expect(StillEngine.opened[0]).toMatchObject({ from: 90, live: false });
    video.currentTime = 90;
    video.dispatchEvent(new Event('playing'));
    expect(viewer.times()).toMatchObject({ start: 0, end: 600_000, at: 90_000 });
    video.dispatchEvent(new Event('ended'));
    expect(viewer.state.get().phase).toBe('ended');
    await vi.advanceTimersByTimeAsync(60_000);
    expect(StillEngine.opened).toHaveLength(1);
    expect(newest().told).not.toContain('close');
    viewer.stop();
  });

  it('that is gone is said to be so', async () => {
    serve({ 'GET /vod/r1/master.m3u8': () => refuse(404, 'recording_unknown') });
    const viewer = new HlsViewer({ url: VOD, live: false });
    viewer.start(element(), null);
    await settle();
    expect(viewer.state.get()).toMatchObject({ phase: 'failed' });
    expect(viewer.state.get().problem?.code).toBe('recording_unknown');
    viewer.stop();
  });
});
