// The echo channel with a real browser: what comes back, from how far away, and what does not.

import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';

import { startChromium } from '../lib/browser.ts';
import { servePages, type Pages } from '../lib/pages.ts';
import { tell } from '../lib/report.ts';
import { Server } from '../lib/server.ts';

type Chromium = Awaited<ReturnType<typeof startChromium>>;
type Page = Awaited<ReturnType<Chromium['newPage']>>;

let server: Server;
let pages: Pages;
let chromium: Chromium;
let page: Page;

before(async () => {
  [server, pages, chromium] = await Promise.all([Server.start(), servePages(), startChromium()]);
  page = await chromium.newPage();
  await page.goto(pages.url);
});
after(async () => {
  await chromium?.close();
  pages?.close();
  await server?.stop();
});

interface Echoes {
  /** Sizes of what came back, in the order in which it came. */
  sizes: number[];
  roundTrips: number[];
  /** Whether text came back as text. */
  text: boolean;
  state: string;
}

/** Opens a session with a channel of these settings, sends messages of these sizes, and hears what comes back. */
function echo(options: {
  label: string;
  init: RTCDataChannelInit;
  sizes: number[];
  pauseMs: number;
  /** How long the server may take to close what it does not serve. */
  closesMs: number;
}): Promise<Echoes> {
  const { http } = server;
  return page.evaluate(
    async ({ http, label, init, sizes, pauseMs, closesMs }) => {
      // Functions with names would call a helper of the compiler, which the page does not have.
      const peer = new RTCPeerConnection();
      const channel = peer.createDataChannel(label, init);
      channel.binaryType = 'arraybuffer';
      await peer.setLocalDescription(await peer.createOffer());
      const answered = await fetch(`${http}/doctor/session`, {
        method: 'POST',
        headers: { 'content-type': 'application/sdp' },
        body: peer.localDescription?.sdp ?? '',
      });
      if (answered.status !== 201) throw new Error(`${answered.status} ${await answered.text()}`);
      const session = answered.headers.get('location') ?? '';
      await peer.setRemoteDescription({ type: 'answer', sdp: await answered.text() });
      const opened = new Promise<void>((resolve) => channel.addEventListener('open', () => resolve()));
      const closed = new Promise<void>((resolve) => channel.addEventListener('close', () => resolve()));
      await Promise.race([opened, closed, new Promise((resolve) => setTimeout(resolve, 10_000))]);
      await Promise.race([closed, new Promise((resolve) => setTimeout(resolve, closesMs))]);
      const sent = new Map<number, number>();
      const heard: Echoes = { sizes: [], roundTrips: [], text: false, state: channel.readyState };
      channel.addEventListener('message', ({ data }: MessageEvent<ArrayBuffer | string>) => {
        if (typeof data === 'string') {
          heard.text = data === 'words';
          return;
        }
        heard.sizes.push(data.byteLength);
        const at = sent.get(new DataView(data).getUint32(0));
        if (at !== undefined) heard.roundTrips.push(performance.now() - at);
      });
      if (channel.readyState === 'open') {
        channel.send('words');
        for (const [number, size] of sizes.entries()) {
          const bytes = new ArrayBuffer(size);
          new DataView(bytes).setUint32(0, number);
          sent.set(number, performance.now());
          channel.send(bytes);
          await new Promise((resolve) => setTimeout(resolve, pauseMs));
        }
        for (let tries = 0; tries < 30 && heard.sizes.length < sizes.length; tries += 1) {
          await new Promise((resolve) => setTimeout(resolve, 100));
        }
      }
      await fetch(session, { method: 'DELETE' });
      peer.close();
      return heard;
    },
    { http, ...options },
  );
}

const ECHO = { label: 'sluice-echo', init: { ordered: false, maxRetransmits: 0 }, closesMs: 300 };

test('a browser gets back what it sends, at once', async () => {
  const heard = await echo({ ...ECHO, sizes: Array<number>(100).fill(1000), pauseMs: 20 });
  const worst = Math.max(...heard.roundTrips);
  tell('echo of 100 messages', { back: heard.sizes.length, worstMs: Math.round(worst) });
  assert.ok(heard.sizes.length >= 98, `${heard.sizes.length} of 100 came back over loopback`);
  assert.ok(heard.text, 'text comes back as text');
  assert.ok(heard.roundTrips.every((ms) => ms >= 0 && ms < 1000));
});

test('a message that fits into no packet does not come back, and others do', async () => {
  const heard = await echo({ ...ECHO, sizes: [1200, 1201, 5000, 4], pauseMs: 20 });
  assert.deepEqual(heard.sizes.sort((one, other) => one - other), [4, 1200]);
});

test('a channel with another name or with retransmissions is closed', async () => {
  for (const other of [
    { label: 'sluice-chat', init: {} },
    { label: 'sluice-echo', init: {} },
    { label: 'sluice-echo', init: { ordered: false, maxRetransmits: 5 } },
  ]) {
    const heard = await echo({ ...other, sizes: [100], pauseMs: 20, closesMs: 10_000 });
    assert.notEqual(heard.state, 'open', JSON.stringify(other));
    assert.deepEqual(heard.sizes, []);
  }
});
