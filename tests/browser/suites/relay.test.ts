// Browsers that nothing reaches but our relay (TURN).

import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';

import type { Page } from 'playwright-core';

import { ONE_LAYER, TIME_CODE } from '../lib/layers.ts';
import { PublisherHandle, ViewerHandle } from '../lib/peers.ts';
import { studioPath, type ViewerProbe } from '../lib/product.ts';
import { tell } from '../lib/report.ts';
import { KEY, Server, STREAM } from '../lib/server.ts';
import { assertPlays, explained, Stage } from '../lib/stage.ts';
import { until, Visits } from '../lib/visits.ts';

let stage: Stage;
before(async () => {
  stage = await Stage.open();
});
after(() => stage?.close());

// Requirements: R383
test('a viewer watches through the relay, by UDP and by TCP', () =>
  explained(stage, async () => {
    const { server } = stage;
    const publisher = await PublisherHandle.start(await stage.newPage(), {
      url: server.whip,
      token: KEY,
      source: TIME_CODE,
      codec: 'H264',
      layers: ONE_LAYER,
    });
    const direct = await ViewerHandle.start(await stage.newPage(), { url: server.whep });
    const link = await direct.link();
    assert.ok(link !== null, 'the answer names the relay');
    assert.notEqual((await direct.selectedLocal()).split(' ')[0], 'relay', 'who needs no relay uses none');
    await direct.stop();

    for (const transport of ['udp', 'tcp'] as const) {
      const before = await server.metric('sluice_turn_datagrams_total', 'direction="to_clients"');
      const viewer = await ViewerHandle.start(await stage.newPage(), {
        url: server.whep,
        relay: { link, transport },
      });
      await assertPlays(viewer, { what: `relay by ${transport}`, height: 360, pictures: 90 });
      assert.equal(await viewer.selectedLocal(), `relay ${transport}`);
      const passed = (await server.metric('sluice_turn_datagrams_total', 'direction="to_clients"')) - before;
      assert.ok(passed > 90, `${passed} datagrams went through the relay`);
      await viewer.stop();
    }
    await publisher.stop();
  }));

/** Longest for two ways in turn, one of which leads nowhere, on a busy machine. */
const RELAYED_MS = 60_000;

/** The offers and ICE restarts (which are for any state of a session) that a page sends. */
function exchanges(page: Page): { made: string[]; reset(): void } {
  const made: string[] = [];
  page.on('request', (request) => {
    const [, what] = new URL(request.url()).pathname.split('/');
    if (!['whip', 'whep', 'session'].includes(what ?? '')) return;
    if (request.method() === 'POST') made.push(`offer to ${what}`);
    if (request.method() === 'PATCH' && request.headers()['if-match'] === '*') made.push('restart');
  });
  return { made, reset: () => void made.splice(0) };
}

// Requirements: R383
test('studio and player come through the relay at their first attempt where nothing else does', async () => {
  // Nobody is at an address for documentation (RFC 5737): media is behind the relay of its own process, and nowhere else.
  const server = await Server.start({ addresses: ['192.0.2.1'] });
  const visits = await Visits.open(server.http);
  try {
    const studio = await visits.visitor();
    const published = exchanges(studio.page);
    await studio.page.goto(studioPath({ codec: 'h264', height: 360, layers: 1 }));
    await until(studio.page, `window.__sluice?.state === 'live'`, RELAYED_MS);
    assert.deepEqual(published.made.slice(0, 2), ['offer to whip', 'restart']);

    const viewer = await visits.visitor();
    const watched = exchanges(viewer.page);
    const shows = async (what: string): Promise<void> => {
      watched.reset();
      // Not by HLS, which would help as well.
      await viewer.page.goto(`/watch/${STREAM}?test=1&autoplay=1&muted=1&route=direct`);
      const plays = `window.__sluice?.framesPresented >= 30 && window.__sluice.digest?.transport.pair != null`;
      await until(viewer.page, plays, RELAYED_MS);
      const probe = JSON.parse(await viewer.page.evaluate<string>('JSON.stringify(window.__sluice)')) as ViewerProbe;
      tell(what, { joinMs: probe.joinMs, pair: probe.digest?.transport.pair, requests: watched.made });
      assert.deepEqual([probe.sessions, probe.digest?.transport.relayed], [1, true]);
      assert.equal(watched.made[0], 'offer to whep');
    };
    await shows('the first visit');
    assert.equal(watched.made[1], 'restart', 'the answer named the relay too late for the first gathering');
    await shows('the next visit');
    assert.notEqual(watched.made[1], 'restart', 'the relay is asked at once where it was needed before');

    const passed = await server.metric('sluice_turn_datagrams_total', 'direction="to_clients"');
    assert.ok(passed > 60, `${passed} datagrams went through the relay`);
  } catch (error) {
    process.stderr.write(`--- server ---\n${server.output.slice(-4_000)}\n`);
    throw error;
  } finally {
    await visits.close();
    await server.stop();
  }
});
