// A viewer behind a bad network: a narrow link, a lossy one, a hostile one.

import assert from 'node:assert/strict';
import { createSocket } from 'node:dgram';
import { randomBytes } from 'node:crypto';
import { after, afterEach, before, beforeEach, test } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';

import { LARGE_BUSY, threeLayers } from '../lib/layers.ts';
import { PublisherHandle, ViewerHandle } from '../lib/peers.ts';
import { UdpProxy } from '../lib/proxy.ts';
import { tell } from '../lib/report.ts';
import { KEY } from '../lib/server.ts';
import { eventually, explained, Stage } from '../lib/stage.ts';
import type { Page } from '../lib/browser.ts';

let stage: Stage;
let publisher: PublisherHandle;
let watching: Page;
let proxy: UdpProxy;
before(async () => {
  stage = await Stage.open('idle_timeout = "3s"');
  publisher = await PublisherHandle.start(await stage.newPage(), {
    url: stage.server.whip,
    token: KEY,
    source: LARGE_BUSY,
    codec: 'VP8',
    layers: threeLayers('VP8'),
  });
});
after(async () => {
  await publisher?.stop();
  await stage?.close();
});
beforeEach(async () => {
  proxy = await UdpProxy.start(stage.server.udpPort);
  watching = await stage.newPage();
});
afterEach(async () => {
  await watching.close();
  await proxy.stop();
});

/** A viewer through the proxy, on the top layer. */
async function watchThroughProxy(): Promise<ViewerHandle> {
  // What a good home connection adds each way.
  await proxy.toPeers({ delay_ms: 10 });
  await proxy.toServer({ delay_ms: 10 });
  const viewer = await ViewerHandle.start(watching, { url: stage.server.whep, proxyPort: proxy.port });
  assert.equal(await viewer.selectedRemote(), `127.0.0.1:${proxy.port}`, 'media flows through the proxy');
  await eventually(() => viewer.reachesHeight(360));
  await viewer.reaches(60);
  return viewer;
}

/** Bits per second towards a viewer that gets the top layer, measured while that does not change. */
async function steadyDownlink(viewer: ViewerHandle): Promise<number> {
  const MEASURE_MS = 2_000;
  for (;;) {
    await viewer.reachesHeight(360);
    await viewer.mark();
    const { to_peers: before } = await proxy.counts();
    await sleep(MEASURE_MS);
    const { to_peers: after } = await proxy.counts();
    if ((await viewer.report()).sizes.length === 1) return ((after.bytes - before.bytes) * 8000) / MEASURE_MS;
  }
}

test('a viewer falls to a lower layer within 2 s of a narrow link and returns within 10 s', () =>
  explained(stage, async () => {
    await eventually(async () => {
      // A viewer of its own each time: one that fell before climbs more slowly.
      const viewer = await watchThroughProxy();
      try {
        const bitrate = await steadyDownlink(viewer);
        const rate = Math.round(bitrate * 0.4);
        await viewer.mark();
        const narrowed = Date.now();
        await proxy.toPeers({ delay_ms: 10, rate });
        const fallen = (await viewer.fallsBelow(360)) - narrowed;
        await viewer.reaches(120, 20_000);
        const narrow = await viewer.report();
        await viewer.mark();
        const widened = Date.now();
        await proxy.toPeers({ delay_ms: 10 });
        const returned = (await viewer.reachesHeight(360, 20_000)) - widened;
        const wide = await viewer.report();
        tell('narrow link', {
          bitrate: Math.round(bitrate),
          rate,
          fallenAfterMs: fallen,
          returnedAfterMs: returned,
          longestGapMs: narrow.longestGap,
          gapOnReturnMs: wide.longestGap,
          steps: [...narrow.sizes, ...wide.sizes.slice(1)].map(({ height, at }) => `${height}@${at - narrowed}`),
          decoderAsked: narrow.pli,
        });
        assert.ok(fallen <= 2_000, `fell after ${fallen} ms`);
        assert.ok(returned <= 10_000, `returned after ${returned} ms`);
        assert.ok(Math.max(narrow.longestGap, wide.longestGap) <= 500, `stalled for ${narrow.longestGap} ms, then ${wide.longestGap} ms`);
      } finally {
        // The next attempt measures what flows through the proxy: nothing of this one may.
        await viewer.stop();
      }
    });
  }));

test('5 % loss is repaired by retransmission without a visible freeze', () =>
  explained(stage, async () => {
    const viewer = await watchThroughProxy();
    await eventually(async () => {
      await viewer.mark();
      const before = await viewer.report();
      await proxy.toPeers({ delay_ms: 10, loss: 0.05 });
      await viewer.reaches(210, 20_000);
      const report = await viewer.report();
      const counts = await proxy.counts();
      const repaired = report.repaired - before.repaired;
      tell('5 % loss', {
        lost: counts.to_peers.lost,
        repaired,
        nack: report.nack - before.nack,
        pli: report.pli - before.pli,
        longestGapMs: report.longestGap,
        height: report.height,
      });
      assert.ok(counts.to_peers.lost > 5, 'the proxy lost something');
      assert.ok(repaired > 0, 'lost packets were sent again');
      assert.equal(report.freezes, 0, `the picture froze for ${report.longestGap} ms`);
    });
    await viewer.stop();
  }));

test('garbage and replayed datagrams do not disturb a viewer', () =>
  explained(stage, async () => {
    const viewer = await watchThroughProxy();
    const socket = createSocket('udp4');
    await eventually(async () => {
      const before = await stage.server.metric('sluice_sfu_dropped_total');
      await viewer.mark();
      for (let round = 0; round < 10; round++) {
        await proxy.replay(200);
        for (let index = 0; index < 100; index++) {
          const datagram = randomBytes(1 + ((index * 37) % 1400));
          await new Promise((sent) => socket.send(datagram, stage.server.udpPort, '127.0.0.1', sent));
        }
        await viewer.reaches(6);
      }
      const report = await viewer.report();
      const dropped = (await stage.server.metric('sluice_sfu_dropped_total')) - before;
      tell('garbage and replay', { dropped, longestGapMs: report.longestGap });
      assert.equal(report.freezes, 0, `the picture froze for ${report.longestGap} ms`);
      assert.ok(dropped >= 500, `${dropped} datagrams were counted as dropped`);
    });
    socket.close();
    await viewer.stop();
  }));

test('a viewer that vanishes is forgotten', () =>
  explained(stage, async () => {
    const viewer = await watchThroughProxy();
    const location = await viewer.location();
    await proxy.stop();
    const vanished = Date.now();
    let status = 0;
    while (status !== 404 && Date.now() < vanished + 15_000) {
      ({ status } = await fetch(location));
      await sleep(100);
    }
    tell('vanished viewer', { forgottenAfterMs: Date.now() - vanished });
    assert.equal(status, 404, 'its session has ended');
  }));
