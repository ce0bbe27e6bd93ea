// The instruments measure themselves: two pages connected directly, no server involved.

import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';

import { launchChromium, type Browser } from '../lib/browser.ts';
import { servePages, type Pages } from '../lib/pages.ts';
import { DirectPair } from '../lib/peers.ts';
import { percentile, tell } from '../lib/report.ts';
import { eventually } from '../lib/stage.ts';

let pages: Pages;
let browser: Browser;
before(async () => {
  pages = await servePages();
  browser = await launchChromium();
});
after(async () => {
  await browser?.close();
  pages?.close();
});

test('the time code of a picture is read across a direct connection', async () => {
  const sending = await browser.newPage(pages.url);
  const receiving = await browser.newPage(pages.url);
  const pair = await DirectPair.start(sending, receiving, {
    source: { kind: 'time-code', width: 640, height: 360, fps: 30 },
    codec: 'H264',
    layers: [{ rid: 'h', scale: 1, maxBitrate: 1_000_000 }],
  });
  await pair.reaches(30);
  await eventually(async () => {
    await pair.mark();
    await pair.reaches(90);
    const { ages, unreadable, longestGap, fps, height } = await pair.report();
    tell('direct connection', { height, fps, longestGap, p50: percentile(ages, 50), p95: percentile(ages, 95), unreadable });
    assert.equal(height, 360);
    assert.ok(ages.length >= 85, `${ages.length} codes were read`);
    assert.ok((ages[0] ?? -1) >= 0, 'no picture is younger than its code');
    assert.ok(percentile(ages, 50) < 150, 'the picture is fresh');
  });
});
