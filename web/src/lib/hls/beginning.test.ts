import { expect, it, vi } from 'vitest';
import { serve } from '@/testing/server';
import {
  element,
  MASTER,
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

it('waits for the first segment of one that has just begun, and says that it starts', async () => {
  const begun = `#EXTM3U\n#EXT-X-PROGRAM-DATE-TIME:${new Date(START).toISOString()}\n`;
  const fake = serve({
    ...playlists(),
    'GET /hls/demo/v0/media.m3u8': () => new Response(begun),
  });
  const viewer = new HlsViewer({ url: MASTER, live: true });
  const phases = new Set<string>();
  viewer.state.subscribe(() => phases.add(viewer.state.get().phase));
  viewer.start(element(), null);
  await settle();
  expect(viewer.state.get()).toMatchObject({ phase: 'starting', problem: null });
  // Parts alone are no segment, and hls.js gives up on such a playlist.
  fake.on(
    'GET /hls/demo/v0/media.m3u8',
    () => new Response(`${begun}#EXT-X-PART:DURATION=0.25,URI="part-0-0.m4s"\n`),
  );
  await vi.advanceTimersByTimeAsync(600);
  expect(StillEngine.opened).toEqual([]);
  fake.on('GET /hls/demo/v0/media.m3u8', () => media());
  await vi.advanceTimersByTimeAsync(600);
  expect(StillEngine.opened).toHaveLength(1);
  expect([...phases]).toEqual(['starting']);
  viewer.stop();
});

it('plays on where what plays it found nothing in the playlist of another layer', async () => {
  serve(playlists());
  const viewer = new HlsViewer({ url: MASTER, live: true });
  viewer.start(element(), null);
  await settle();
  newest().emit('trouble', { kind: 'network', status: 200 });
  await vi.advanceTimersByTimeAsync(1000);
  expect(newest().told).toEqual(['resume']);
  expect(viewer.state.get()).toMatchObject({ phase: 'starting', problem: null });
  viewer.stop();
});
