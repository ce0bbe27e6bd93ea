// What a master playlist leads to, fetched and looked at by two readers that are not ours: ffprobe and mp4box.js.

import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';

import { createFile, MP4BoxBuffer, type Sample } from 'mp4box';

const run = promisify(execFile);

/** One rendition: its playlist, and all of its bytes in order. */
export interface Rendition {
  uri: string;
  playlist: string;
  /** Initialisation segment and what follows it, one entry an `EXT-X-MAP`. */
  files: Buffer[];
  /** Sum of `EXTINF`, without gaps, in seconds. */
  seconds: number;
  gaps: number;
}

async function text(url: string): Promise<string> {
  const response = await fetch(url);
  assert.equal(response.status, 200, `${url}: ${response.status} ${await response.clone().text()}`);
  return response.text();
}

async function bytes(url: string): Promise<Buffer> {
  const response = await fetch(url);
  assert.equal(response.status, 200, `${url}: ${response.status}`);
  return Buffer.from(await response.arrayBuffer());
}

/** Fetches every rendition of a master playlist whole, best video first, audio last. */
export async function fetchAll(master: string): Promise<Rendition[]> {
  const lines = (await text(master)).split('\n');
  const audio = lines.flatMap((line) => /TYPE=AUDIO.*URI="([^"]+)"/.exec(line)?.[1] ?? []);
  const video = lines.filter((line) => line !== '' && !line.startsWith('#'));
  const uris = [...new Set([...video, ...audio])];
  return Promise.all(uris.map((uri) => fetchRendition(new URL(uri, master).href)));
}

async function fetchRendition(uri: string): Promise<Rendition> {
  const playlist = await text(uri);
  const rendition: Rendition = { uri, playlist, files: [], seconds: 0, gaps: 0 };
  let parts: Buffer[] = [];
  let seconds = 0;
  let gap = false;
  const close = (): void => {
    if (parts.length > 1) rendition.files.push(Buffer.concat(parts));
  };
  for (const line of playlist.split('\n')) {
    const map = /^#EXT-X-MAP:URI="([^"]+)"/.exec(line)?.[1];
    if (map !== undefined) {
      close();
      parts = [await bytes(new URL(map, uri).href)];
    }
    const length = /^#EXTINF:([\d.]+)/.exec(line)?.[1];
    if (length !== undefined) seconds = Number(length);
    if (line === '#EXT-X-GAP') gap = true;
    if (line === '' || line.startsWith('#')) continue;
    if (gap) rendition.gaps += 1;
    else {
      parts.push(await bytes(new URL(line, uri).href));
      rendition.seconds += seconds;
    }
    gap = false;
  }
  close();
  return rendition;
}

/** What a reader says of one file. */
export interface Reading {
  codec: string;
  width: number;
  height: number;
  samples: number;
  /** From the first sample to the end of the last, in seconds. */
  seconds: number;
  /** Longest time between two samples as they are decoded, in seconds. */
  longestStep: number;
  /** Samples that are decoded no later than the one before. */
  backwards: number;
}

interface Packet {
  dts_time?: string;
  pts_time?: string;
  duration_time?: string;
}

/** Reads a file by ffprobe, which demuxes all of it. */
export async function ffprobe(file: Buffer): Promise<Reading> {
  const folder = await mkdtemp(join(tmpdir(), 'sluice-probe-'));
  try {
    const path = join(folder, 'file.mp4');
    await writeFile(path, file);
    const { stdout, stderr } = await run(
      'ffprobe',
      ['-v', 'warning', '-of', 'json', '-show_streams', '-show_packets', '-show_entries', 'packet=dts_time,pts_time,duration_time', path],
      { maxBuffer: 256 << 20 },
    );
    assert.equal(stderr, '', 'ffprobe has nothing to complain about');
    const { streams, packets } = JSON.parse(stdout) as {
      streams: { codec_name: string; width?: number; height?: number }[];
      packets: Packet[];
    };
    assert.equal(streams.length, 1, 'one track a file');
    const times = packets.map(({ dts_time }) => Number(dts_time));
    const end = Math.max(...packets.map(({ pts_time, duration_time }) => Number(pts_time) + Number(duration_time ?? 0)));
    return {
      codec: streams[0]?.codec_name ?? '',
      width: streams[0]?.width ?? 0,
      height: streams[0]?.height ?? 0,
      seconds: end - Number(packets[0]?.pts_time),
      ...steps(times),
    };
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

/** Decodes a file whole by ffmpeg; what it complains about. */
export async function decodeErrors(file: Buffer): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), 'sluice-decode-'));
  try {
    const path = join(folder, 'file.mp4');
    await writeFile(path, file);
    // Pictures keep their times: by itself ffmpeg rounds those of browsers to a frame rate that it guesses.
    const asIs = ['-fps_mode', 'passthrough', '-enc_time_base', '-1'];
    const { stderr } = await run('ffmpeg', ['-v', 'error', '-xerror', '-i', path, ...asIs, '-f', 'null', '-'], { maxBuffer: 16 << 20 });
    return stderr;
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

/** Reads a file by mp4box.js, which shares no code with ffmpeg. */
export async function mp4box(file: Buffer): Promise<Reading> {
  const parser = createFile();
  const samples: Sample[] = [];
  return new Promise((resolve, reject) => {
    parser.onError = (_module, message) => reject(new Error(`mp4box: ${message}`));
    parser.onSamples = (_id, _user, more) => samples.push(...more);
    parser.onReady = ({ tracks }) => {
      const track = tracks[0];
      if (track === undefined || tracks.length !== 1) return reject(new Error(`${tracks.length} tracks`));
      parser.setExtractionOptions(track.id, null, { nbSamples: 1_000_000 });
      parser.start();
      // All samples are told on flush.
      setImmediate(() => {
        const scale = track.timescale;
        const end = Math.max(...samples.map(({ cts, duration }) => (cts + duration) / scale));
        resolve({
          codec: track.codec,
          width: track.video?.width ?? 0,
          height: track.video?.height ?? 0,
          seconds: end - (samples[0]?.cts ?? 0) / scale,
          ...steps(samples.map(({ dts }) => dts / scale)),
        });
      });
    };
    parser.appendBuffer(MP4BoxBuffer.fromArrayBuffer(new Uint8Array(file).buffer as ArrayBuffer, 0));
    parser.flush();
  });
}

function steps(times: number[]): Pick<Reading, 'samples' | 'longestStep' | 'backwards'> {
  let longestStep = 0;
  let backwards = 0;
  for (let at = 1; at < times.length; at++) {
    const step = (times[at] ?? 0) - (times[at - 1] ?? 0);
    longestStep = Math.max(longestStep, step);
    if (step <= 0) backwards += 1;
  }
  return { samples: times.length, longestStep, backwards };
}
