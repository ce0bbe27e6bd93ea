// Glass to glass through the server beside a direct connection, and join times: the numbers of
// docs/measurements. Run by `cargo run -p sluice-e2e --bin sluice-measure -- OUT.json`, not by the tests.
//
//   node --import tsx measure/glass-to-glass.ts OUT.json [--runs N] [--seconds S] [--joins N]
//
// Runs alternate between the ways, so that whatever else the machine does hurts all alike. The third way is a
// server that does not ask for low-latency playout, as the direct connection does not: it shows what
// forwarding itself costs.

import { execFileSync } from 'node:child_process';
import { mkdirSync, writeFileSync } from 'node:fs';
import { cpus, loadavg } from 'node:os';
import { dirname } from 'node:path';
import { parseArgs } from 'node:util';

import { DirectPair, PublisherHandle, ViewerHandle } from '../lib/peers.ts';
import { median, percentile, tell } from '../lib/report.ts';
import { KEY } from '../lib/server.ts';
import { Stage } from '../lib/stage.ts';
import { REPOSITORY } from '../lib/venue.ts';
import type { LayerOptions } from '../page/publisher.ts';
import type { SourceOptions } from '../page/source.ts';

const FPS = 30;
/** Players fill and drain their buffers first. */
const WARM_UP_PICTURES = 60;

interface Run {
  p50: number;
  p95: number;
  pictures: number;
  longestGap: number;
}

interface Size {
  height: number;
  bitrate: number;
}

const SIZES: Size[] = [
  { height: 360, bitrate: 800_000 },
  { height: 720, bitrate: 2_500_000 },
];

const { positionals, values } = parseArgs({
  allowPositionals: true,
  options: {
    runs: { type: 'string', default: '10' },
    seconds: { type: 'string', default: '6' },
    joins: { type: 'string', default: '30' },
  },
});
const output = positionals[0] ?? 'glass-to-glass.json';
const runs = Number(values.runs);
const pictures = Number(values.seconds) * FPS;

const sourceOf = ({ height }: Size): SourceOptions => ({ kind: 'time-code', width: (height * 16) / 9, height, fps: FPS });
const layersOf = ({ bitrate }: Size): LayerOptions[] => [{ rid: 'h', scale: 1, maxBitrate: bitrate }];

const summary = (ages: number[], longestGap: number): Run => ({
  p50: percentile(ages, 50),
  p95: percentile(ages, 95),
  pictures: ages.length,
  longestGap,
});

async function directRun(stage: Stage, size: Size): Promise<Run> {
  const sending = await stage.newPage();
  const receiving = await stage.newPage();
  const pair = await DirectPair.start(sending, receiving, { source: sourceOf(size), codec: 'H264', layers: layersOf(size) });
  await pair.reaches(WARM_UP_PICTURES);
  await pair.mark();
  await pair.reaches(pictures, 60_000);
  const { ages, longestGap } = await pair.report();
  await sending.close();
  await receiving.close();
  return summary(ages, longestGap);
}

async function serverRun(stage: Stage, size: Size): Promise<Run> {
  const publishing = await stage.newPage();
  const watching = await stage.newPage();
  const { server } = stage;
  const publisher = await PublisherHandle.start(publishing, {
    url: server.whip,
    token: KEY,
    source: sourceOf(size),
    codec: 'H264',
    layers: layersOf(size),
  });
  const viewer = await ViewerHandle.start(watching, { url: server.whep, timeCode: true });
  await viewer.reachesHeight(size.height, 30_000);
  await viewer.reaches(WARM_UP_PICTURES);
  await viewer.mark();
  await viewer.reaches(pictures, 60_000);
  const { ages, longestGap } = await viewer.report();
  await viewer.stop();
  await publisher.stop();
  await publishing.close();
  await watching.close();
  return summary(ages, longestGap);
}

/** Above half a second browsers play as they do without the header extension. */
const ORDINARY_PLAYOUT = 'playout_delay_max = "10s"';

async function compare(stage: Stage, ordinary: Stage, size: Size): Promise<object> {
  const direct: Run[] = [];
  const server: Run[] = [];
  const alike: Run[] = [];
  for (let run = 1; run <= runs; run++) {
    direct.push(await directRun(stage, size));
    server.push(await serverRun(stage, size));
    alike.push(await serverRun(ordinary, size));
    tell(`${size.height}p run ${run}`, {
      direct: direct.at(-1),
      server: server.at(-1),
      alike: alike.at(-1),
      load: loadavg()[0],
    });
  }
  const of = (list: Run[], name: 'p50' | 'p95'): number => median(list.map((run) => run[name]));
  const result = {
    height: size.height,
    directP50: of(direct, 'p50'),
    serverP50: of(server, 'p50'),
    alikeP50: of(alike, 'p50'),
    directP95: of(direct, 'p95'),
    serverP95: of(server, 'p95'),
    alikeP95: of(alike, 'p95'),
  };
  tell(`${size.height}p medians of ${runs} runs`, result);
  return { ...result, runs: direct.map((run, index) => ({ direct: run, server: server[index], alike: alike[index] })) };
}

async function joinTimes(stage: Stage, count: number): Promise<object> {
  const { server } = stage;
  const size = SIZES[0] as Size;
  const publishing = await stage.newPage();
  const watching = await stage.newPage();
  const publisher = await PublisherHandle.start(publishing, {
    url: server.whip,
    token: KEY,
    source: sourceOf(size),
    codec: 'H264',
    layers: layersOf(size),
  });
  const first: number[] = [];
  for (let join = 0; join < count; join++) {
    const viewer = await ViewerHandle.start(watching, { url: server.whep });
    first.push((await viewer.times()).firstPicture);
    await viewer.stop();
  }
  await publisher.stop();
  await publishing.close();
  await watching.close();
  first.sort((one, other) => one - other);
  const result = { joins: count, p50: percentile(first, 50), p95: percentile(first, 95), longest: first.at(-1) };
  tell('join, POST to first picture', result);
  return { ...result, milliseconds: first };
}

const stage = await Stage.open();
const ordinary = await Stage.open(ORDINARY_PLAYOUT);
try {
  const result = {
    at: new Date().toISOString(),
    commit: execFileSync('git', ['rev-parse', '--short', 'HEAD'], { cwd: REPOSITORY, encoding: 'utf8' }).trim(),
    machine: { cpu: cpus()[0]?.model, cores: cpus().length, loadAtStart: loadavg()[0] },
    method: `${runs} runs a size, direct, through the server, and through one without low-latency playout (alike) in turn, ${pictures} pictures each; H.264 ${FPS} fps; milliseconds`,
    join: await joinTimes(stage, Number(values.joins)),
    glassToGlass: [] as object[],
  };
  for (const size of SIZES) result.glassToGlass.push(await compare(stage, ordinary, size));
  mkdirSync(dirname(output), { recursive: true });
  writeFileSync(output, `${JSON.stringify(result, null, 2)}\n`);
} finally {
  await stage.close();
  await ordinary.close();
}
