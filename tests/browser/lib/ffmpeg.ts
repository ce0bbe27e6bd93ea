// ffmpeg 9 as a WHIP publisher: H.264 baseline and Opus, key frames every second, deaf to PLI.

import { Process } from './process.ts';
import { ffmpegBinary } from './venue.ts';

export interface FfmpegOptions {
  url: string;
  token: string;
  /** Its default is `passive`, which makes the server the DTLS client. */
  dtls: 'active' | 'passive';
}

export function ffmpegPublishes({ url, token, dtls }: FfmpegOptions): Process {
  return new Process(ffmpegBinary(), [
    ...['-hide_banner', '-loglevel', 'warning'],
    ...['-re', '-f', 'lavfi', '-i', 'testsrc2=s=640x360:r=30'],
    ...['-re', '-f', 'lavfi', '-i', 'sine=f=440:r=48000'],
    ...['-c:v', 'libx264', '-profile:v', 'baseline', '-preset', 'ultrafast', '-tune', 'zerolatency'],
    ...['-bf', '0', '-g', '30', '-pix_fmt', 'yuv420p', '-b:v', '800k'],
    ...['-c:a', 'libopus', '-ac', '2', '-ar', '48000'],
    ...['-f', 'whip', '-authorization', token],
    ...(dtls === 'active' ? ['-whip_flags', 'dtls_active'] : []),
    url,
  ]);
}
