// The server's own HTTPS: pages, WHIP, WHEP, the WebSocket and HLS over TLS, with a certificate that is
// swapped meanwhile.

import assert from 'node:assert/strict';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';

import { launchChromium, pageConsole, type Browser } from '../lib/browser.ts';
import { makePair, replacePair, shownAt, type Pair } from '../lib/certificate.ts';
import { servePages, type Pages } from '../lib/pages.ts';
import { HlsPlayerHandle } from '../lib/peers.ts';
import { openPlayer, openStudio, type ProductPage, type Site } from '../lib/product.ts';
import { tell } from '../lib/report.ts';
import { Server, STREAM } from '../lib/server.ts';

/** The server looks at its files every two seconds. */
const TAKEN_MS = 15_000;

let folder: string;
let old: Pair;
let renewed: Pair;
let server: Server;
let browser: Browser;
let pages: Pages;
before(async () => {
  folder = mkdtempSync(join(tmpdir(), 'sluice-https-'));
  [old, renewed] = [makePair(folder, 'old'), makePair(folder, 'renewed')];
  const { certificate, key } = old;
  const files = `certificate = ${JSON.stringify(certificate)}\nkey = ${JSON.stringify(key)}`;
  server = await Server.start({ sections: `[tls]\nlisten = "127.0.0.1:0"\n${files}` });
  pages = await servePages();
  browser = await launchChromium([`--ignore-certificate-errors-spki-list=${old.pin},${renewed.pin}`]);
});
after(async () => {
  await browser?.close();
  pages?.close();
  await server?.stop();
  rmSync(folder, { recursive: true, force: true });
});

/** Everything that a page says against its policy. */
const violations = (): string[] => pageConsole().filter((line) => /Content Security Policy|Mixed Content|Refused to/i.test(line));

const protocol = (page: ProductPage<unknown>): Promise<string> =>
  page.page.read<string>("performance.getEntriesByType('navigation')[0].nextHopProtocol");

/** Connects to the WebSocket of events as our pages do, and counts what it says. */
const LISTEN = `(() => {
  const socket = new WebSocket(location.origin.replace('https', 'wss') + '/ws');
  const ear = { answers: 0, ended: 0, ping: () => socket.send('{"type":"ping"}') };
  socket.onopen = () => socket.send('{"type":"hello"}');
  socket.onmessage = () => (ear.answers += 1);
  socket.onclose = () => (ear.ended += 1);
  window.ear = ear;
})()`;

interface Ear {
  answers: number;
  ended: number;
}

async function heard(page: ProductPage<unknown>, answers: number): Promise<Ear> {
  const until = Date.now() + 10_000;
  for (;;) {
    const ear = await page.page.read<Ear>('({ answers: window.ear.answers, ended: window.ear.ended })');
    if (ear.answers >= answers || Date.now() > until) return ear;
    await sleep(50);
  }
}

// Requirements: R131, R378, R388, R392
test('a certificate is swapped while people publish and watch, and nobody notices', async () => {
  const site: Site = { http: server.https };
  try {
    const studio = await openStudio(browser, site, { codec: 'h264', height: 360, layers: 1 });
    await studio.until('being live', ({ state }) => state === 'live', 30_000);
    const player = await openPlayer(browser, site, 'watch');
    await player.until('pictures', ({ framesPresented, state }) => framesPresented >= 60 && state === 'live', 30_000);
    assert.deepEqual([await protocol(studio), await protocol(player)], ['h2', 'h2']);
    await player.page.read(LISTEN);
    assert.deepEqual(await heard(player, 1), { answers: 1, ended: 0 });
    const hls = await HlsPlayerHandle.start(await browser.newPage(pages.url), { url: await untilHls(), timeCode: true });

    const before = await player.until('itself', () => true);
    const playedBefore = (await hls.report()).currentTime;
    assert.equal(await shownAt(server.https), old.fingerprint);
    replacePair(old, renewed);
    await untilShown(renewed.fingerprint);
    await sleep(5_000);

    const after = await player.until('itself', () => true);
    const played = (await hls.report()).currentTime - playedBefore;
    tell('certificate swap', { freezes: after.freezes, hlsSeconds: played });
    assert.equal(after.sessions, before.sessions, 'the viewer has the session from before');
    assert.ok(after.framesPresented - before.framesPresented >= 90, 'and pictures went on');
    assert.ok(played > 3, `HLS played ${played} s`);
    assert.equal((await studio.until('itself', () => true)).state, 'live');
    await player.page.read('window.ear.ping()');
    assert.deepEqual(await heard(player, 2), { answers: 2, ended: 0 }, 'the WebSocket answers as before');
    assert.equal(await server.metric('sluice_signaling_ws_ended_total'), 0, 'no page lost its events');
    assert.equal(await server.metric('sluice_live_ended_total'), 0, 'no session ended');

    const late = await openPlayer(browser, site, 'embed');
    await late.until('pictures, for somebody who came after', ({ framesPresented }) => framesPresented >= 30, 30_000);
    assert.deepEqual(violations(), [], 'the pages keep to their policy');
    for (const page of [late, player, studio]) await page.close();
  } catch (error) {
    process.stderr.write(`--- server ---\n${server.output.slice(-4_000)}\n--- pages ---\n${pageConsole().slice(-20).join('\n')}\n`);
    throw error;
  }
});

/** The playlist, once the live window has begun. */
async function untilHls(): Promise<string> {
  const path = `/hls/${STREAM}/master.m3u8`;
  const until = Date.now() + 20_000;
  for (;;) {
    const answer = await fetch(`${server.http}${path}`);
    if (answer.status === 200 && (await answer.text()).includes('#EXT-X-STREAM-INF')) return `${server.https}${path}`;
    assert.ok(Date.now() < until, `HLS does not start: ${answer.status}`);
    await sleep(200);
  }
}

async function untilShown(fingerprint: string): Promise<void> {
  const until = Date.now() + TAKEN_MS;
  while ((await shownAt(server.https)) !== fingerprint) {
    assert.ok(Date.now() < until, 'the new certificate is not shown');
    await sleep(100);
  }
}
