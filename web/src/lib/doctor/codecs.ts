// What this browser can show, play and send over WebRTC.

import type { Codec } from '@/lib/api/generated/Codec';
import type { CodecFacts } from './types';

const CODECS: readonly Codec[] = ['h264', 'h265', 'vp8', 'vp9', 'av1', 'opus'];

type Capable = Pick<typeof RTCRtpReceiver, 'getCapabilities'>;

export function codecsOf(receives: Capable | undefined, sends: Capable | undefined): CodecFacts {
  return { decodes: namesOf(receives), encodes: namesOf(sends) };
}

function namesOf(capable: Capable | undefined): Codec[] {
  const found = (['video', 'audio'] as const).flatMap(
    (kind) => capable?.getCapabilities(kind)?.codecs ?? [],
  );
  const names = new Set(found.map(({ mimeType }) => mimeType.split('/')[1]?.toLowerCase()));
  return CODECS.filter((codec) => names.has(codec));
}
