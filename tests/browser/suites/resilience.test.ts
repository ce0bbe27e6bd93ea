// What goes wrong in a live broadcast, and what viewers notice of it.

import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';

import { ffmpegPublishes } from '../lib/ffmpeg.ts';
import { joinWhenLive } from '../lib/join.ts';
import { LARGE_TIME_CODE, ONE_LAYER, threeLayers, TIME_CODE } from '../lib/layers.ts';
import { PublisherHandle, ViewerHandle } from '../lib/peers.ts';
import { tell } from '../lib/report.ts';
import { KEY, Server } from '../lib/server.ts';
import { assertPlays, eventually, explained, Stage } from '../lib/stage.ts';
import type { Page } from '../lib/browser.ts';
import type { LayerOptions } from '../page/publisher.ts';
import type { StateChange } from '../page/http.ts';

let stage: Stage;
before(async () => {
  stage = await Stage.open();
});
after(() => stage?.close());

/** States in which a connection is over, or nearly. */
const OVER = ['dtls-closed', 'closed', 'failed', 'disconnected'];

const publish = (page: Page, server: Server, layers: LayerOptions[] = ONE_LAYER): Promise<PublisherHandle> => {
  const source = layers.length > 1 ? LARGE_TIME_CODE : TIME_CODE;
  return PublisherHandle.start(page, { url: server.whip, token: KEY, source, codec: 'VP8', layers });
};

test('viewers go on without a new POST when a killed publisher returns within the gap', () =>
  explained(stage, async () => {
    const { server } = stage;
    const page = await stage.newPage();
    const first = ffmpegPublishes({ url: server.whip, token: KEY, dtls: 'active' });
    let second = first;
    try {
      const viewer = await joinWhenLive(page, { url: server.whep });
      await viewer.reaches(30);
      const location = await viewer.location();
      await first.end('SIGKILL');
      const killed = Date.now();
      await sleep(1_000);
      second = ffmpegPublishes({ url: server.whip, token: KEY, dtls: 'active' });
      await viewer.mark();
      await viewer.reaches(60, 15_000);
      const { longestGap } = await viewer.report();
      tell('publisher killed and restarted', { backAfterMs: Date.now() - killed - 2_000, longestGapMs: longestGap });
      assert.equal(await viewer.location(), location);
      const left = (await viewer.states()).filter(({ state }) => OVER.includes(state));
    assert.deepEqual(left, [], 'the connection stood all the time');
      await eventually(async () => {
        await viewer.mark();
        await viewer.reaches(45);
        assert.equal((await viewer.report()).freezes, 0, 'after the return the picture flows');
      });
      await viewer.stop();
    } finally {
      await first.end('SIGKILL');
      await second.end('SIGINT');
      await page.close();
    }
  }));

test('a publisher whose page is reloaded takes its broadcast over and viewers go on', () =>
  explained(stage, async () => {
    const { server } = stage;
    const publishing = await stage.newPage();
    const watching = await stage.newPage();
    await publish(publishing, server);
    const viewer = await ViewerHandle.start(watching, { url: server.whep });
    await viewer.reaches(30);
    await publishing.reload();
    const again = await publish(publishing, server);
    await viewer.mark();
    await viewer.reaches(60);
    // States of DTLS stand in the same list, and come when they like.
    const last = (await viewer.states()).findLast(({ state }) => !state.startsWith('dtls-'));
    assert.equal(last?.state, 'connected');
    await viewer.stop();
    await again.stop();
    await publishing.close();
    await watching.close();
  }));

test('a viewer whose page is reloaded joins anew and its old session is forgotten', () =>
  explained(stage, async () => {
    const { server } = stage;
    const publishing = await stage.newPage();
    const watching = await stage.newPage();
    const publisher = await publish(publishing, server);
    const old = await ViewerHandle.start(watching, { url: server.whep });
    const location = await old.location();
    await watching.reload();
    const viewer = await ViewerHandle.start(watching, { url: server.whep });
    await viewer.reaches(30);
    const until = Date.now() + 20_000;
    let status = 0;
    while (status !== 404 && Date.now() < until) {
      status = (await fetch(location)).status;
      await sleep(100);
    }
    assert.equal(status, 404, 'the session of the page that is gone has ended');
    await viewer.stop();
    await publisher.stop();
    await publishing.close();
    await watching.close();
  }));

test('an ICE restart keeps the picture and gives the session a new ETag', () =>
  explained(stage, async () => {
    const { server } = stage;
    const publishing = await stage.newPage();
    const watching = await stage.newPage();
    const publisher = await publish(publishing, server);
    const viewer = await ViewerHandle.start(watching, { url: server.whep });
    await viewer.reaches(30);
    const restarts: Awaited<ReturnType<typeof viewer.restartIce>>[] = [];
    await eventually(async () => {
      await viewer.mark();
      restarts.push(await viewer.restartIce());
      await viewer.reaches(90);
      const { longestGap, freezes } = await viewer.report();
      tell('ICE restart', { longestGapMs: longestGap });
      assert.equal(freezes, 0, `the picture froze for ${longestGap} ms`);
    });
    // That a machine is busy excuses none of these.
    for (const { etag, previous } of restarts) assert.ok(etag !== null && etag !== previous, `${previous} became ${etag}`);
    const previous = restarts.at(-1)?.previous;
    const stale = await fetch(await viewer.location(), {
      method: 'PATCH',
      headers: { 'Content-Type': 'application/trickle-ice-sdpfrag', 'If-Match': previous ?? '' },
      body: 'a=ice-ufrag:abcd\r\na=ice-pwd:0123456789012345678901\r\n',
    });
    assert.equal(stale.status, 412, 'the old ETag no longer fits');
    await viewer.stop();
    await publisher.stop();
    await publishing.close();
    await watching.close();
  }));

test('a top layer that the publisher drops costs its viewers at most 500 ms', () =>
  explained(stage, async () => {
    const { server } = stage;
    const publishing = await stage.newPage();
    const watching = await stage.newPage();
    const publisher = await publish(publishing, server, threeLayers('VP8'));
    const viewer = await ViewerHandle.start(watching, { url: server.whep });
    await eventually(async () => {
      // An attempt before may have ended while it was off.
      await publisher.setActive('h', true);
      await viewer.reachesHeight(360);
      await viewer.reaches(30);
      await viewer.mark();
      const dropped = Date.now();
      await publisher.setActive('h', false);
      const fallen = await viewer.fallsBelow(360);
      await viewer.reaches(30);
      const down = await viewer.report();
      await viewer.mark();
      await publisher.setActive('h', true);
      await viewer.reachesHeight(360);
      const { longestGap } = await viewer.report();
      tell('top layer dropped', { fallenAfterMs: fallen - dropped, longestGapMs: down.longestGap, gapOnReturnMs: longestGap });
      assert.ok(down.longestGap <= 500, `the picture stood for ${down.longestGap} ms`);
      assert.ok(longestGap <= 500, `the picture stood for ${longestGap} ms on return`);
    });
    await viewer.stop();
    await publisher.stop();
    await publishing.close();
    await watching.close();
  }));

test('when the server is told to stop, publisher and viewers learn of it at once', async () => {
  const server = await Server.start();
  const publishing = await stage.newPage();
  const watching = await stage.newPage();
  try {
    const publisher = await publish(publishing, server);
    const viewer = await ViewerHandle.start(watching, { url: server.whep });
    await assertPlays(viewer, { what: 'before SIGTERM', height: 360, pictures: 30 });
    const told = Date.now();
    server.signal('SIGTERM');
    const seen = await Promise.all([learns(() => publisher.states(), told), learns(() => viewer.states(), told)]);
    tell('server stopped', { publisherKnowsAfterMs: seen[0], viewerKnowsAfterMs: seen[1] });
    assert.ok(Math.max(...seen) <= 1_000, 'both know within a second');
  } finally {
    await server.stop();
    await publishing.close();
    await watching.close();
  }
});

/** Milliseconds from `since` until the connection is known to be over. */
async function learns(states: () => Promise<StateChange[]>, since: number): Promise<number> {
  const until = Date.now() + 10_000;
  while (Date.now() < until) {
    const over = (await states()).find(({ state }) => OVER.includes(state));
    if (over !== undefined) return over.at - since;
    await sleep(20);
  }
  return Number.POSITIVE_INFINITY;
}
