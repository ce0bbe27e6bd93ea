// What a line is worth, by messages that come back: loss, round trip, jitter, and how large they may be.

import { EchoTally, messageOf, numberOf, sizesOf } from './echo';
import type { Line } from './line';
import type { DoctorLimits, Quality, Sizes } from './types';

/** As often as a stream of half a megabit sends packets; more would fill thin lines by itself. */
const EVERY_MS = 20;
const LASTS_MS = 4000;
/** What is later than this is lost for a live picture. */
const LATE_MS = 1000;
/** What waits in the browser was not sent: its delay would be ours. */
const MOST_WAITING_BYTES = 16_000;

/** Through every network, and about as large as a packet of a picture, whole in one datagram. */
const SMALL_BYTES = 100;
const LARGE_BYTES = 1100;
/** All of one size are lost by chance once in a hundred thousand times where one in ten is. */
const OF_EACH_SIZE = 5;

export async function measureQuality(
  line: Line,
  limits: DoctorLimits,
  signal: AbortSignal,
): Promise<{ quality?: Quality; sizes?: Sizes }> {
  // A breath below what the node answers, so that its limit is not taken for loss.
  const every = Math.max(EVERY_MS, 1250 / Math.max(1, limits.echo_per_second));
  const largest = Math.min(LARGE_BYTES, limits.echo_bytes);
  const few = { every, lasts: every * OF_EACH_SIZE };
  const small = await send(line, { ...few, first: 0, size: SMALL_BYTES }, signal);
  const large = await send(line, { ...few, first: 1000, size: largest }, signal);
  const sizes = sizesOf(
    { size: SMALL_BYTES, heard: small.heard },
    { size: largest, heard: large.heard },
  );
  // Where large ones are lost for their size, that is one matter, and loss another.
  const size = large.heard > 0 ? largest : SMALL_BYTES;
  const { quality } = await send(line, { every, lasts: LASTS_MS, first: 2000, size }, signal);
  return { ...(quality === null ? {} : { quality }), ...(sizes === null ? {} : { sizes }) };
}

function send(
  { channel }: Line,
  /** Numbers begin at `first`, so that a late answer is not taken for another's. */
  { every, lasts, first, size }: { every: number; lasts: number; first: number; size: number },
  signal: AbortSignal,
): Promise<EchoTally> {
  const tally = new EchoTally();
  const end = first + Math.ceil(lasts / every);
  return new Promise((resolve) => {
    let number = first;
    let over: ReturnType<typeof setTimeout> | undefined;
    const finish = () => {
      clearInterval(pulse);
      clearTimeout(over);
      signal.removeEventListener('abort', finish);
      channel.onmessage = null;
      resolve(tally);
    };
    const next = () => {
      if (number >= end || channel.readyState !== 'open') {
        clearInterval(pulse);
        if (tally.complete) finish();
        else over = setTimeout(finish, LATE_MS);
        return;
      }
      number += 1;
      if (channel.bufferedAmount > MOST_WAITING_BYTES) return;
      channel.send(messageOf(number, size));
      tally.send(number, performance.now());
    };
    channel.onmessage = ({ data }: MessageEvent<unknown>) => {
      const heard = numberOf(data);
      if (heard !== null) tally.hear(heard, performance.now());
    };
    signal.addEventListener('abort', finish);
    const pulse = setInterval(next, every);
  });
}
