// Encoders that are no browsers: ffmpeg in both DTLS roles, and a publisher shaped like OBS.

import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';

import { ffmpegPublishes } from '../lib/ffmpeg.ts';
import { joinWhenLive } from '../lib/join.ts';
import { ObsShapedPublisher } from '../lib/obs.ts';
import { tell } from '../lib/report.ts';
import { KEY } from '../lib/server.ts';
import { assertPlays, explained, Stage } from '../lib/stage.ts';

let stage: Stage;
before(async () => {
  stage = await Stage.open();
});
after(() => stage?.close());

for (const dtls of ['passive', 'active'] as const) {
  test(`ffmpeg as the ${dtls} end of DTLS reaches a Chromium viewer`, () =>
    explained(stage, async () => {
      const { server } = stage;
      const ffmpeg = ffmpegPublishes({ url: server.whip, token: KEY, dtls });
      const page = await stage.newPage();
      try {
        const viewer = await joinWhenLive(page, { url: server.whep });
        await assertPlays(viewer, { what: `ffmpeg (${dtls}) -> Chromium`, height: 360, pictures: 75, codec: 'H264' });
        await viewer.stop();
        await ffmpeg.end('SIGINT');
      } catch (error) {
        throw new Error(`ffmpeg said:\n${ffmpeg.output}`, { cause: error });
      } finally {
        await ffmpeg.end('SIGKILL');
        await page.close();
      }
    }));
}

test('a publisher shaped like OBS with one layer reaches a Chromium viewer', () =>
  explained(stage, () => obsReachesViewer([360])));

test('a publisher shaped like OBS with three layers reaches a Chromium viewer', () =>
  explained(stage, () => obsReachesViewer([360, 180, 90])));

async function obsReachesViewer(heights: number[]): Promise<void> {
  const { server } = stage;
  const obs = await ObsShapedPublisher.start({ url: server.whip, token: KEY, heights });
  const page = await stage.newPage();
  try {
    const viewer = await joinWhenLive(page, { url: server.whep });
    await assertPlays(viewer, { what: `OBS-shaped, ${heights.length} -> Chromium`, height: 360, pictures: 75, codec: 'H264' });
    tell('OBS-shaped', { keyFrameRequestsIgnored: obs.keyFrameRequests, retransmitted: obs.retransmitted });
    assert.equal(await viewer.stop(), 200);
  } finally {
    assert.equal(await obs.stop(), 200, 'OBS expects 200 to its DELETE');
    await page.close();
  }
}
