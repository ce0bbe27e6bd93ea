// How much comes down and goes up over HTTP: a first look, and a longer one where the line is fast.

import { download, upload } from './api';
import { Arrival, FIRST_BYTES, nextBytes, rateOf, type Amount } from './rate';
import type { DoctorLimits } from './types';

export async function measureDownlink(
  limits: DoctorLimits,
  signal: AbortSignal,
): Promise<number | null> {
  return measure(fetched, limits.download_bytes, limits, signal);
}

export async function measureUplink(
  limits: DoctorLimits,
  signal: AbortSignal,
): Promise<number | null> {
  return measure(sent, limits.upload_bytes, limits, signal);
}

async function measure(
  move: (bytes: number, signal: AbortSignal) => Promise<Amount>,
  most: number,
  limits: DoctorLimits,
  signal: AbortSignal,
): Promise<number | null> {
  // Both directions, and somebody who tries again, share what one address may have.
  const share = Math.min(most, Math.floor(limits.bytes_per_minute / 5));
  const first = await move(Math.min(FIRST_BYTES, share), signal);
  const next = nextBytes(first, share);
  return rateOf(next === null ? first : await move(next, signal));
}

async function fetched(bytes: number, signal: AbortSignal): Promise<Amount> {
  const asked = performance.now();
  const arrival = new Arrival();
  const reader = (await download(bytes, signal)).getReader();
  for (;;) {
    const { done, value } = await reader.read();
    if (done) break;
    arrival.add(value.byteLength, performance.now());
  }
  const { amount } = arrival;
  // What came in one piece has no end of a first piece: then all of it counts, from the question on.
  return amount.bytes > 0 && amount.ms > 0 ? amount : { bytes, ms: performance.now() - asked };
}

async function sent(bytes: number, signal: AbortSignal): Promise<Amount> {
  const asked = performance.now();
  const { bytes: arrived, millis } = await upload(noise(bytes), signal);
  // The node counts from the first byte to the last; it may have had all at once.
  return { bytes: arrived, ms: millis > 0 ? millis : performance.now() - asked };
}

/** Nothing on the way can make it shorter. */
function noise(bytes: number): Blob {
  const piece = new Uint8Array(Math.min(bytes, PIECE_BYTES));
  crypto.getRandomValues(piece);
  const pieces = Array.from({ length: Math.ceil(bytes / piece.length) }, () => piece);
  return new Blob(pieces).slice(0, bytes, 'application/octet-stream');
}

/** As much as browsers make of random bytes at once; what packs files looks back no further than half of it. */
const PIECE_BYTES = 65_536;
