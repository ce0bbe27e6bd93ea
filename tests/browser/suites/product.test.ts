// The product's own pages: a person goes live in the studio, others watch.

import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';

import { openPlayer, openStudio, type ProductPage, type PublisherProbe } from '../lib/product.ts';
import { median, percentile, tell } from '../lib/report.ts';
import { eventually, explained, Stage } from '../lib/stage.ts';

let stage: Stage;
let studio: ProductPage<PublisherProbe>;
before(async () => {
  // Long enough for a reload of the studio, short enough to wait for its end.
  stage = await Stage.open('gap = "5s"');
});
after(async () => {
  await studio?.close();
  await stage?.close();
});

/** The chip may be wrong by this much. */
const CHIP_MS = 30;

test('a person goes live in the studio and another watches', () =>
  explained(stage, async () => {
    studio = await openStudio(stage.chromium, stage.server, { codec: 'h264', height: 360, layers: 1 });
    await studio.until('being live', ({ state }) => state === 'live');
    const player = await openPlayer(stage.chromium, stage.server, 'watch');
    await player.until('pictures', ({ framesPresented, state }) => framesPresented >= 90 && state === 'live');
    const probe = await player.until('the audience', ({ viewers }) => viewers === 1);
    tell('studio -> watch', { joinMs: probe.joinMs, size: `${probe.width}x${probe.height}`, freezes: probe.freezes, sessions: probe.sessions });
    assert.deepEqual([probe.width, probe.height, probe.sessions], [640, 360, 1]);
    assert.ok(probe.audioEnergy > 0, 'there is sound');
    await player.close();
  }));

test('the latency chip agrees with the time code in the picture', () =>
  explained(stage, async () => {
    const player = await openPlayer(stage.chromium, stage.server, 'watch');
    // Clock probes and the first sender reports settle within the first seconds.
    await player.until('a measured latency', ({ latency }) => latency !== null && !latency.estimated);
    await eventually(async () => {
      const { timecode: early } = await player.until('pictures', ({ timecode }) => timecode.samples.length > 30);
      const from = early.samples.at(-1)?.at ?? 0;
      const fresh = (samples: { at: number }[]): number => samples.filter(({ at }) => at > from).length;
      const probe = await player.until('more pictures', ({ timecode }) => fresh(timecode.samples) >= 120);
      const pairs = probe.timecode.samples.filter(({ at, measured }) => at > from && measured !== null);
      const errors = pairs.map(({ truth, measured }) => (measured ?? 0) - truth);
      const absolute = errors.map(Math.abs).sort((one, other) => one - other);
      const truths = pairs.map(({ truth }) => truth).sort((one, other) => one - other);
      tell('latency chip', {
        chipMs: probe.latency?.ms,
        truthP50: percentile(truths, 50),
        errorMedian: median(errors),
        errorP95: percentile(absolute, 95),
        pictures: pairs.length,
        unreadable: probe.timecode.unreadable,
      });
      assert.ok(pairs.length >= 100, `${pairs.length} pictures were measured`);
      assert.ok(Math.abs(median(errors)) <= CHIP_MS, `the chip is off by ${median(errors)} ms`);
    });
    await player.close();
  }));

test('the embedded player plays', () =>
  explained(stage, async () => {
    const player = await openPlayer(stage.chromium, stage.server, 'embed');
    const probe = await player.until('pictures', ({ framesPresented }) => framesPresented >= 30);
    assert.equal(probe.height, 360);
    await player.close();
  }));

test('the player waits for a publisher that is gone and goes on when it returns', () =>
  explained(stage, async () => {
    const player = await openPlayer(stage.chromium, stage.server, 'watch');
    await player.until('pictures', ({ framesPresented }) => framesPresented >= 30);
    await studio.page.reload();
    const again = await player.until('pictures of the next publisher', ({ state, sessions }) => state === 'live' && sessions === 1);
    await player.until('more pictures', ({ framesPresented }) => framesPresented >= again.framesPresented + 60);
    await player.close();
  }));

test('the player says when a stream is not live and when there is none', () =>
  explained(stage, async () => {
    await studio.close();
    const during = await openPlayer(stage.chromium, stage.server, 'watch');
    await during.until('the end', ({ state }) => state === 'ended' || state === 'offline');
    await during.close();
    const later = await openPlayer(stage.chromium, stage.server, 'watch');
    await later.until('being offline', ({ state }) => state === 'offline');
    await later.close();
    const unknown = await openPlayer(stage.chromium, stage.server, 'watch', 'no-such-stream');
    const { problem, state } = await unknown.until('a problem', ({ problem }) => problem !== null);
    tell('unknown stream', { state, problem });
    assert.equal(problem, 'unknown_stream');
    await unknown.close();
  }));
