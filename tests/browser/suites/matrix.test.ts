// Browsers publish, browsers watch: each codec that each engine has.

import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';

import { launchFirefox, type Browser } from '../lib/browser.ts';
import { LARGE_CAMERA, LARGE_TIME_CODE, threeLayers } from '../lib/layers.ts';
import { PublisherHandle, ViewerHandle } from '../lib/peers.ts';
import { tell } from '../lib/report.ts';
import { KEY } from '../lib/server.ts';
import { assertPlays, explained, Stage } from '../lib/stage.ts';
import type { CodecName } from '../page/publisher.ts';

let stage: Stage;
let firefox: Browser;
before(async () => {
  stage = await Stage.open();
});
after(async () => {
  await firefox?.close();
  await stage?.close();
});

for (const codec of ['H264', 'VP8', 'VP9', 'AV1'] satisfies CodecName[]) {
  test(`three ${codec} layers of Chromium's camera reach a Chromium viewer`, () =>
    explained(stage, async () => {
      const { server } = stage;
      const publishing = await stage.newPage();
      const watching = await stage.newPage();
      const publisher = await PublisherHandle.start(publishing, {
        url: server.whip,
        token: KEY,
        source: LARGE_CAMERA,
        codec,
        layers: threeLayers(codec),
      });
      const viewer = await ViewerHandle.start(watching, { url: server.whep });
      const { cipher } = await assertPlays(viewer, { what: `Chromium ${codec} -> Chromium`, height: 360, pictures: 75, codec });
      assert.match(cipher, /^SRTP_AEAD_AES_(128|256)_GCM$/, 'Chromium lists AES-CM first, the server takes AEAD');
      const layers = await publisher.layers();
      tell(`Chromium ${codec} sends`, { layers: layers.map(({ rid, height, framesEncoded }) => `${rid}:${height}:${framesEncoded}`) });
      assert.deepEqual(layers.map(({ height }) => height), [360, 180, 90]);
      assert.ok(layers.every(({ framesEncoded }) => framesEncoded > 30), 'each layer is encoded');
      if (codec === 'VP8') await firefoxWatches('Chromium VP8 -> Firefox');
      assert.equal(await viewer.stop(), 200);
      assert.equal(await publisher.stop(), 200);
      await publishing.close();
      await watching.close();
    }));
}

async function firefoxWatches(what: string): Promise<void> {
  firefox ??= await launchFirefox();
  const page = await stage.newPage(firefox);
  const viewer = await ViewerHandle.start(page, { url: stage.server.whep });
  await assertPlays(viewer, { what, height: 360, pictures: 60, codec: 'VP8' });
  assert.equal(await viewer.stop(), 200);
  await page.close();
}

test('VP8 that Firefox publishes reaches a Chromium viewer', () =>
  explained(stage, async () => {
    const { server } = stage;
    firefox ??= await launchFirefox();
    const publishing = await stage.newPage(firefox);
    const watching = await stage.newPage();
    const publisher = await PublisherHandle.start(publishing, {
      url: server.whip,
      token: KEY,
      source: LARGE_TIME_CODE,
      codec: 'VP8',
      layers: threeLayers('VP8'),
    });
    const viewer = await ViewerHandle.start(watching, { url: server.whep });
    await assertPlays(viewer, { what: 'Firefox VP8 -> Chromium', height: 360, pictures: 75, codec: 'VP8' });
    await viewer.stop();
    await publisher.stop();
    await publishing.close();
    await watching.close();
  }));
