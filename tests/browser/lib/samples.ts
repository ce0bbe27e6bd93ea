// Encoded pictures and sound for the OBS-shaped publisher: made once by ffmpeg, then played in a loop.

import { execFile } from 'node:child_process';
import { promisify } from 'node:util';

import { ffmpegBinary } from './venue.ts';

const run = promisify(execFile);

export const FPS = 30;
/** OBS's own default is 2 s; its users are told 1 to 2 s. */
const KEY_FRAME_SECONDS = 2;
const LOOP_SECONDS = 4;

/** One picture: its NAL units without start codes. */
export type AccessUnit = Buffer[];

/** What the OBS-shaped publisher can send. */
export type EncoderCodec = 'H264' | 'H265';

interface Encoder {
  arguments: string[];
  /** Whether a NAL unit is an access unit delimiter, by its first byte. */
  delimits(first: number): boolean;
}

const GOP = FPS * KEY_FRAME_SECONDS;
const ENCODERS: Record<EncoderCodec, Encoder> = {
  H264: {
    arguments: ['-c:v', 'libx264', '-profile:v', 'high', '-x264-params', 'aud=1:repeat-headers=1:scenecut=0', '-f', 'h264'],
    delimits: (first) => (first & 0x1f) === 9,
  },
  H265: {
    arguments: ['-c:v', 'libx265', '-x265-params', `aud=1:repeat-headers=1:scenecut=0:log-level=error:keyint=${GOP}`, '-f', 'hevc'],
    delimits: (first) => ((first >> 1) & 0x3f) === 35,
  },
};

/** Encodes a moving test picture as OBS does: no B-frames, repeated headers; H.264 in High profile. */
export async function encodePictures(codec: EncoderCodec, width: number, height: number, bitrate: number): Promise<AccessUnit[]> {
  const encoder = ENCODERS[codec];
  const { stdout } = await run(
    ffmpegBinary(),
    [
      ...['-loglevel', 'error', '-f', 'lavfi', '-i', `testsrc2=s=${width}x${height}:r=${FPS}`, '-t', String(LOOP_SECONDS)],
      ...['-preset', 'veryfast', '-bf', '0', '-pix_fmt', 'yuv420p', '-g', String(GOP)],
      ...['-b:v', String(bitrate), '-maxrate', String(bitrate), '-bufsize', String(bitrate / 2)],
      ...[...encoder.arguments, 'pipe:1'],
    ],
    { encoding: 'buffer', maxBuffer: 64 << 20 },
  );
  return accessUnits(stdout, encoder);
}

/** Splits an Annex B stream at its access unit delimiters, which are left out. */
function accessUnits(stream: Buffer, { delimits }: Encoder): AccessUnit[] {
  const units: AccessUnit[] = [];
  for (const nal of nalUnits(stream)) {
    if (delimits(nal[0] ?? 0)) units.push([]);
    else units.at(-1)?.push(nal);
  }
  return units;
}

function nalUnits(stream: Buffer): Buffer[] {
  const starts: { code: number; nal: number }[] = [];
  const mark = Buffer.from([0, 0, 1]);
  for (let at = stream.indexOf(mark); at >= 0; at = stream.indexOf(mark, at + 3)) {
    starts.push({ code: at > 0 && stream[at - 1] === 0 ? at - 1 : at, nal: at + 3 });
  }
  return starts.map(({ nal }, index) => stream.subarray(nal, starts[index + 1]?.code ?? stream.length));
}

/** Encodes a tone to Opus packets of 20 ms. */
export async function encodeSound(): Promise<Buffer[]> {
  const { stdout } = await run(
    ffmpegBinary(),
    [
      ...['-loglevel', 'error', '-f', 'lavfi', '-i', 'sine=f=440:r=48000', '-t', String(LOOP_SECONDS)],
      ...['-c:a', 'libopus', '-ac', '2', '-b:a', '96k', '-frame_duration', '20', '-f', 'ogg', 'pipe:1'],
    ],
    { encoding: 'buffer', maxBuffer: 16 << 20 },
  );
  // The first two packets of an Ogg Opus stream are headers (RFC 7845 section 3).
  return oggPackets(stdout).slice(2);
}

/** Packets of an Ogg stream (RFC 3533): pages hold segments; one shorter than 255 ends a packet. */
function oggPackets(stream: Buffer): Buffer[] {
  const packets: Buffer[] = [];
  let open: Buffer[] = [];
  for (let page = 0; page + 27 <= stream.length; ) {
    const segments = stream[page + 26] ?? 0;
    let data = page + 27 + segments;
    for (let index = 0; index < segments; index++) {
      const length = stream[page + 27 + index] ?? 0;
      open.push(stream.subarray(data, data + length));
      data += length;
      if (length < 255) {
        packets.push(Buffer.concat(open));
        open = [];
      }
    }
    page = data;
  }
  return packets;
}
