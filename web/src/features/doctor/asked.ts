// What the address of the page says about the stream that somebody has in mind.

import type { Codec } from '@/lib/api/generated/Codec';
import type { Direction, StreamFacts } from '@/lib/doctor/types';

/** Where nothing is said: a good picture at 720p, which most streams are not above. */
const USUAL_BPS: Record<Direction, number> = { watch: 2_500_000, publish: 3_000_000 };
const CODECS: readonly Codec[] = ['h264', 'h265', 'vp8', 'vp9', 'av1', 'opus'];

export interface Asked {
  stream: StreamFacts;
  /** Whoever came here by a button wants to know now. */
  begin: boolean;
}

export function askedOf(search: string): Asked {
  const query = new URLSearchParams(search);
  const wanted = query.get('for');
  const direction = wanted === 'publish' ? 'publish' : 'watch';
  const bitrate = Number(query.get('bitrate') ?? Number.NaN);
  const codec = CODECS.find((known) => known === query.get('codec'));
  return {
    stream: {
      direction,
      bitrate_bps: bitrate > 0 && Number.isFinite(bitrate) ? bitrate : USUAL_BPS[direction],
      ...(codec === undefined ? {} : { codec }),
    },
    begin: wanted !== null,
  };
}

/** The other of both: nothing of what was said of the one holds for it. */
export function streamFor(direction: Direction, { stream }: Asked): StreamFacts {
  return direction === stream.direction ? stream : { direction, bitrate_bps: USUAL_BPS[direction] };
}
