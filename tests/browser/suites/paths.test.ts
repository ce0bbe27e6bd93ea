// Ways to the server: connections where there is no UDP, and addresses that change while somebody watches.

import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';

import { launchFirefox } from '../lib/browser.ts';
import { ONE_LAYER, TIME_CODE } from '../lib/layers.ts';
import { PublisherHandle, ViewerHandle } from '../lib/peers.ts';
import { UdpProxy } from '../lib/proxy.ts';
import { tell } from '../lib/report.ts';
import { KEY } from '../lib/server.ts';
import { assertPlays, eventually, explained, Stage } from '../lib/stage.ts';

let stage: Stage;
let publisher: PublisherHandle;
before(async () => {
  stage = await Stage.open('idle_timeout = "8s"\nworkers = 2');
  publisher = await PublisherHandle.start(await stage.newPage(), {
    url: stage.server.whip,
    token: KEY,
    source: TIME_CODE,
    codec: 'VP8',
    layers: ONE_LAYER,
  });
});
after(async () => {
  await publisher?.stop();
  await stage?.close();
});

test('a browser that has no other candidate watches over TCP', () =>
  explained(stage, async () => {
    const page = await stage.newPage();
    const viewer = await ViewerHandle.start(page, { url: stage.server.whep, only: 'tcp' });
    assert.equal(await viewer.selectedProtocol(), 'tcp');
    await assertPlays(viewer, { what: 'over TCP', height: 360, pictures: 150 });
    const { longestGap, freezes } = await viewer.report();
    tell('watched over TCP', { longestGapMs: longestGap, freezes });
    await viewer.stop();
    await page.close();
  }));

test('a browser that has both takes UDP', () =>
  explained(stage, async () => {
    const page = await stage.newPage();
    const viewer = await ViewerHandle.start(page, { url: stage.server.whep });
    await viewer.reaches(60);
    assert.equal(await viewer.selectedProtocol(), 'udp');
    await viewer.stop();
    await page.close();
  }));

test('a publisher that has no other candidate is watched', () =>
  explained(stage, async () => {
    await publisher.stop();
    const [publishing, watching] = [await stage.newPage(), await stage.newPage()];
    publisher = await PublisherHandle.start(publishing, {
      url: stage.server.whip,
      token: KEY,
      source: TIME_CODE,
      codec: 'VP8',
      layers: ONE_LAYER,
      only: 'tcp',
    });
    const viewer = await ViewerHandle.start(watching, { url: stage.server.whep });
    await assertPlays(viewer, { what: 'published over TCP', height: 360, pictures: 150 });
    await viewer.stop();
    await watching.close();
  }));

test('Firefox watches over TCP, too', () =>
  explained(stage, async () => {
    const firefox = await launchFirefox();
    try {
      const page = await stage.newPage(firefox);
      const viewer = await ViewerHandle.start(page, { url: stage.server.whep, only: 'tcp' });
      await viewer.reaches(60, 15_000);
      assert.equal(await viewer.selectedProtocol(), 'tcp');
      await viewer.stop();
    } finally {
      await firefox.close();
    }
  }));

test('the picture of a viewer whose NAT forgets stands for at most half a second', () =>
  explained(stage, async () => {
    const proxy = await UdpProxy.start(stage.server.udpPort);
    const page = await stage.newPage();
    await proxy.toPeers({ delay_ms: 10 });
    await proxy.toServer({ delay_ms: 10 });
    const viewer = await ViewerHandle.start(page, { url: stage.server.whep, proxyPort: proxy.port });
    await viewer.reaches(90);
    let moves = 0;
    await eventually(async () => {
      // A viewer is followed once in ten seconds.
      if (moves > 0) await sleep(11_000);
      moves += 1;
      await viewer.mark();
      await proxy.rebind();
      await viewer.reaches(150, 15_000);
      const { longestGap } = await viewer.report();
      tell('NAT rebinding', { longestGapMs: longestGap });
      assert.ok(longestGap <= 500, `the picture stood for ${longestGap} ms`);
    });
    await viewer.stop();
    await page.close();
    await proxy.stop();
  }));
