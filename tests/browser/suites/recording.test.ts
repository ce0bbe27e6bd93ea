// One broadcast, three ways to see it: WebRTC, LL-HLS beside it, and its recording afterwards.

import assert from 'node:assert/strict';
import { after, before, beforeEach, test } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';

import type { Page } from '../lib/browser.ts';
import { ffmpegPublishes } from '../lib/ffmpeg.ts';
import { LARGE_TIME_CODE, threeLayers } from '../lib/layers.ts';
import { ObsShapedPublisher } from '../lib/obs.ts';
import { HlsPlayerHandle, PublisherHandle, ViewerHandle } from '../lib/peers.ts';
import { Api } from '../lib/people.ts';
import { percentile, tell } from '../lib/report.ts';
import { decodeErrors, fetchAll, ffprobe, mp4box, type Rendition } from '../lib/segments.ts';
import { KEY, OWNER, STREAM } from '../lib/server.ts';
import { eventually, explained, Stage } from '../lib/stage.ts';
import type { CodecName } from '../page/publisher.ts';

let stage: Stage;
let api: Api;
before(async () => {
  stage = await Stage.open('gap = "1s"');
  const nobody = new Api(stage.server.http);
  const { access_token } = await nobody.call<{ access_token: string }>('POST', '/auth/sign-in', OWNER);
  api = new Api(stage.server.http, access_token);
});
after(() => stage?.close());
beforeEach(anew);

/** Recordings of the broadcasts before. */
let known = new Set<string>();

/** Whoever publishes within the gap goes on with the broadcast before. */
async function anew(): Promise<void> {
  await offline();
  known = new Set((await list()).map(({ id }) => id));
}

interface Recording {
  id: string;
  state: string;
  duration_ms: number;
  size_bytes: number;
  width: number | null;
  height: number | null;
  hls_url: string | null;
  failure: string | null;
  gaps: number;
}

/** Longest time from the end of a broadcast until its recording is ready, on a busy machine. */
const READY_MS = 60_000;

const list = async (): Promise<Recording[]> => {
  const { items } = await api.call<{ items: Recording[] }>('GET', `/streams/${STREAM}/recordings`);
  return items;
};

async function offline(): Promise<void> {
  const until = Date.now() + 15_000;
  while ((await api.call<{ state: string }>('GET', `/streams/${STREAM}`)).state !== 'offline') {
    assert.ok(Date.now() < until, 'the broadcast does not end');
    await sleep(50);
  }
}

/** The recording of this broadcast, once nothing is to be done about it any more. */
async function recorded(): Promise<Recording> {
  const until = Date.now() + READY_MS;
  for (;;) {
    const made = (await list()).filter(({ id }) => !known.has(id));
    assert.ok(made.length <= 1, `one broadcast has ${made.length} recordings`);
    const state = made[0]?.state;
    if (made[0] !== undefined && state === 'ready') return api.call('GET', `/recordings/${made[0].id}`);
    assert.notEqual(state, 'failed', JSON.stringify(made));
    assert.ok(Date.now() < until, `the recording is not ready: ${JSON.stringify(made)}`);
    await sleep(200);
  }
}

/** The master playlist, once it has that many layers: players read it once. */
async function untilLive(layers = 1): Promise<string> {
  const master = `${stage.server.http}/hls/${STREAM}/master.m3u8`;
  const until = Date.now() + 15_000;
  for (;;) {
    const response = await fetch(master);
    const text = await response.text();
    if (response.status === 200 && text.split('#EXT-X-STREAM-INF').length > layers) return master;
    assert.ok(Date.now() < until, `HLS does not start: ${response.status} ${text}`);
    await sleep(100);
  }
}

/** How long each part of a broadcast was there until its end, in seconds. */
interface Lengths {
  sound: number;
  /** Best first. */
  layers: number[];
}

/** Three layers of Chromium, all of them there when `during` begins. */
async function broadcasts(codec: CodecName, during: () => Promise<void>): Promise<Lengths> {
  const page = await stage.newPage();
  try {
    const layers = threeLayers(codec);
    const publisher = await PublisherHandle.start(page, { url: stage.server.whip, token: KEY, source: LARGE_TIME_CODE, codec, layers });
    const began = Date.now();
    let layersBegan: number[] = [];
    try {
      layersBegan = await layersBegin(publisher, layers.map(({ rid }) => rid).reverse());
      await during();
    } finally {
      assert.equal(await publisher.stop(), 200);
    }
    const ended = Date.now();
    return { sound: (ended - began) / 1000, layers: layersBegan.map((at) => (ended - at) / 1000) };
  } finally {
    await page.close();
  }
}

/** When each layer began: Chromium sends a larger one once it trusts the network that far. */
async function layersBegin(publisher: PublisherHandle, rids: string[]): Promise<number[]> {
  const began = new Map<string, number>();
  const until = Date.now() + 15_000;
  while (began.size < rids.length) {
    assert.ok(Date.now() < until, `of ${rids.join()} only ${[...began.keys()].join()} began`);
    await sleep(50);
    for (const { rid, framesEncoded } of await publisher.layers()) {
      if (framesEncoded > 0 && !began.has(rid)) began.set(rid, Date.now());
    }
  }
  return rids.map((rid) => began.get(rid) ?? Number.NaN);
}

/** What two readers must find in a rendition that had no gap. */
async function looksWhole(rendition: Rendition, seconds: number, codec: string): Promise<void> {
  const [first] = rendition.files;
  assert.ok(first !== undefined && rendition.files.length === 1, `${rendition.uri}: ${rendition.files.length} initialisations`);
  const [one, other, errors] = await Promise.all([ffprobe(first), mp4box(first), decodeErrors(first)]);
  tell(rendition.uri.split('/').slice(-2).join('/'), { ...one, playlistSeconds: rendition.seconds, reader2: other.codec });
  assert.equal(errors, '', 'every sample decodes');
  assert.equal(one.codec, codec);
  assert.equal(one.backwards, 0, 'decode times rise');
  assert.equal(other.backwards, 0, 'and so says the second reader');
  assert.equal(other.samples, one.samples);
  assert.ok(Math.abs(other.seconds - one.seconds) < 0.05, `${one.seconds} s, ${other.seconds} s`);
  assert.ok(Math.abs(rendition.seconds - one.seconds) < 0.1, `the playlist says ${rendition.seconds} s`);
  assert.ok(Math.abs(one.seconds - seconds) < 1, `${one.seconds} of ${seconds} s`);
  // Sound has no excuse; pictures of a browser on a busy machine come late and are no gap.
  const longest = codec === 'opus' ? 0.061 : 0.5;
  assert.ok(one.longestStep < longest, `a gap of ${one.longestStep} s`);
}

// Requirements: R119, R121, R136, R138, R152
test('three layers of Chromium are seen by WebRTC and LL-HLS, rewound, and played from their recording', () =>
  explained(stage, () =>
    eventually(async () => {
      await anew();
      const lengths = await broadcasts('H264', async () => {
        const master = await untilLive(3);
        const [viewing, playing] = [await stage.newPage(), await stage.newPage()];
        try {
          const viewer = await ViewerHandle.start(viewing, { url: stage.server.whep, timeCode: true });
          const player = await HlsPlayerHandle.start(playing, { url: master, timeCode: true });
          await latenciesSideBySide(viewer, player);
          await rewinds(player);
          await viewer.stop();
        } finally {
          await Promise.all([viewing.close(), playing.close()]);
        }
      });
      await isKept(lengths);
    }),
  ));

async function latenciesSideBySide(viewer: ViewerHandle, player: HlsPlayerHandle): Promise<void> {
  // What the best layer costs in latency; which one a player chooses is its own affair.
  await player.pin(2);
  await player.reachesHeight(360);
  // hls.js goes towards its target in small steps.
  await sleep(5_000);
  await eventually(async () => {
    await Promise.all([viewer.mark(), player.mark()]);
    await Promise.all([viewer.reaches(120), player.reaches(120, 20_000)]);
    const [direct, hls] = [await viewer.report(), await player.report()];
    tell('latency by the time code in the picture', {
      webrtcP50: percentile(direct.ages, 50),
      webrtcP95: percentile(direct.ages, 95),
      hlsP50: percentile(hls.ages, 50),
      hlsP95: percentile(hls.ages, 95),
      hlsSays: hls.latency,
      bandwidth: hls.bandwidth,
      freezes: hls.freezes,
      errors: hls.errors,
    });
    assert.ok(hls.ages.length > 60, `${hls.ages.length} codes were read`);
    assert.ok(percentile(hls.ages, 50) <= 2_000, `LL-HLS is ${percentile(hls.ages, 50)} ms late`);
    assert.ok(hls.audioBytes > 0, 'there is sound');
    assert.deepEqual(hls.heights, [90, 180, 360]);
  });
}

/** Back by eight seconds, and on from there. */
async function rewinds(player: HlsPlayerHandle): Promise<void> {
  await eventually(async () => {
    await sleep(Math.max(0, 12_000 - (await player.report()).currentTime * 1000));
    // How far behind it was a while ago says nothing of where it is sought from.
    await player.mark();
    await player.reaches(45);
    const before = await player.report();
    await player.seek(before.currentTime - 8);
    await player.reaches(10);
    await player.mark();
    await player.reaches(45);
    const { ages, longestGap } = await player.report();
    const shift = percentile(ages, 50) - percentile(before.ages, 50);
    tell('rewind', { shift, longestGap });
    assert.ok(Math.abs(shift - 8_000) < 1_500, `the picture is ${shift} ms older`);
  });
}

async function isKept({ sound, layers }: Lengths): Promise<void> {
  const recording = await recorded();
  tell('recording', { state: recording.state, duration: recording.duration_ms, bytes: recording.size_bytes, gaps: recording.gaps });
  assert.deepEqual([recording.width, recording.height], [640, 360]);
  assert.ok(Math.abs(recording.duration_ms / 1000 - sound) < 1.5, `${recording.duration_ms} ms of ${sound} s`);
  assert.ok(recording.hls_url !== null);
  const renditions = await fetchAll(recording.hls_url);
  assert.equal(renditions.length, 4, 'three layers and the sound');
  for (const [index, rendition] of renditions.entries()) {
    await looksWhole(rendition, layers[index] ?? sound, index === 3 ? 'opus' : 'h264');
  }
  const page = await stage.newPage();
  await playsToItsEnd(page, recording);
  await page.close();
}

async function playsToItsEnd(page: Page, recording: Recording): Promise<void> {
  const player = await HlsPlayerHandle.start(page, { url: recording.hls_url ?? '', lowLatency: false });
  await player.reaches(45);
  const early = await player.report();
  assert.ok(Math.abs(early.duration - recording.duration_ms / 1000) < 0.3, `the player sees ${early.duration} s`);
  await player.seek(early.duration - 3);
  await player.faster(2);
  const until = Date.now() + 20_000;
  while (!(await player.report()).ended) {
    assert.ok(Date.now() < until, JSON.stringify(await player.report()));
    await sleep(100);
  }
  const { errors } = await player.report();
  assert.deepEqual(errors.filter((error) => error.startsWith('fatal')), []);
  await player.stop();
}

// Requirements: R119, R152
test('what ffmpeg sends is played by LL-HLS and kept', () =>
  explained(stage, async () => {
    const began = Date.now();
    const ffmpeg = ffmpegPublishes({ url: stage.server.whip, token: KEY, dtls: 'passive' });
    let live = 0;
    try {
      const page = await stage.newPage();
      const url = await untilLive();
      const since = Date.now();
      const player = await HlsPlayerHandle.start(page, { url });
      await player.reaches(150, 20_000);
      const { errors, freezes } = await player.report();
      tell('ffmpeg by LL-HLS', { errors, freezes });
      await page.close();
      live = (Date.now() - since) / 1000;
      await ffmpeg.end('SIGINT');
    } finally {
      await ffmpeg.end('SIGKILL');
    }
    const seconds = (Date.now() - began) / 1000;
    const recording = await recorded();
    const [video, audio] = await fetchAll(recording.hls_url ?? '');
    assert.ok(video !== undefined && audio !== undefined);
    // It took its time to connect, and to end.
    const kept = recording.duration_ms / 1000;
    assert.ok(kept > live - 1 && kept <= seconds, `${kept} of ${live} s in ${seconds} s`);
    await looksWhole(video, kept, 'h264');
    await looksWhole(audio, kept, 'opus');
  }));

// Requirements: R119
test('an encoder that ignores requests for key frames is kept in segments as long as its GOPs', () =>
  explained(stage, async () => {
    const obs = await ObsShapedPublisher.start({ url: stage.server.whip, token: KEY, heights: [360, 180] });
    try {
      await untilLive();
      await sleep(9_000);
    } finally {
      await obs.stop();
    }
    const recording = await recorded();
    const renditions = await fetchAll(recording.hls_url ?? '');
    assert.equal(renditions.length, 3);
    for (const [index, rendition] of renditions.entries()) {
      assert.doesNotMatch(rendition.playlist, /EXT-X-GAP/);
      await looksWhole(rendition, recording.duration_ms / 1000, index === 2 ? 'opus' : 'h264');
    }
  }));

// Requirements: R119
test('H.265 of an encoder is kept', () =>
  explained(stage, async () => {
    const obs = await ObsShapedPublisher.start({ url: stage.server.whip, token: KEY, heights: [360], codec: 'H265' });
    try {
      await untilLive();
      await sleep(6_000);
    } finally {
      await obs.stop();
    }
    const recording = await recorded();
    const [video, audio] = await fetchAll(recording.hls_url ?? '');
    assert.ok(video !== undefined && audio !== undefined);
    await looksWhole(video, recording.duration_ms / 1000, 'hevc');
    await looksWhole(audio, recording.duration_ms / 1000, 'opus');
  }));

const OTHERS = { VP8: 'vp8', VP9: 'vp9', AV1: 'av1' } as const satisfies Partial<Record<CodecName, string>>;

for (const [codec, name] of Object.entries(OTHERS) as [keyof typeof OTHERS, string][]) {
  test(`three ${codec} layers are kept`, () =>
    explained(stage, () =>
      eventually(async () => {
        await anew();
        const { sound, layers } = await broadcasts(codec, () => sleep(8_000));
        const recording = await recorded();
        const renditions = await fetchAll(recording.hls_url ?? '');
        tell(`${codec} kept`, { duration: recording.duration_ms, renditions: renditions.length, gaps: recording.gaps });
        assert.equal(renditions.length, codec === 'VP8' ? 2 : 4);
        // VP8 is no codec of HLS players: its recording is played from what ffmpeg made of its best layer.
        const picture = codec === 'VP8' ? 'h264' : name;
        for (const [index, rendition] of renditions.slice(0, -1).entries()) {
          await looksWhole(rendition, layers[index] ?? Number.NaN, picture);
        }
        await looksWhole(renditions.at(-1) as Rendition, sound, 'opus');
      }),
    ));
}
