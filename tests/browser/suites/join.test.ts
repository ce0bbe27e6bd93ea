// How long a viewer waits from its POST to its first picture.

import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';

import { ONE_LAYER, TIME_CODE } from '../lib/layers.ts';
import { PublisherHandle, ViewerHandle } from '../lib/peers.ts';
import { percentile, tell } from '../lib/report.ts';
import { KEY } from '../lib/server.ts';
import { explained, Stage } from '../lib/stage.ts';

let stage: Stage;
before(async () => {
  stage = await Stage.open();
});
after(() => stage?.close());

/** Enough to see a habit; the percentiles proper come from the measurement, not from this test. */
const JOINS = 12;

test('a viewer sees its first picture soon after its POST', () =>
  explained(stage, async () => {
    const { server } = stage;
    const publisher = await PublisherHandle.start(await stage.newPage(), {
      url: server.whip,
      token: KEY,
      source: TIME_CODE,
      codec: 'H264',
      layers: ONE_LAYER,
    });
    const page = await stage.newPage();
    const firstPictures: number[] = [];
    const answers: number[] = [];
    for (let join = 0; join < JOINS; join++) {
      const viewer = await ViewerHandle.start(page, { url: server.whep });
      const times = await viewer.times();
      firstPictures.push(times.firstPicture);
      answers.push(times.answered);
      await viewer.stop();
    }
    firstPictures.sort((one, other) => one - other);
    answers.sort((one, other) => one - other);
    const p50 = percentile(firstPictures, 50);
    tell('join', { joins: JOINS, p50, p95: percentile(firstPictures, 95), answerP50: percentile(answers, 50) });
    // Twice the goal of 250 ms at p95: this machine may be busy with something else.
    assert.ok(p50 <= 500, `the median join takes ${p50} ms`);
    await publisher.stop();
  }));
