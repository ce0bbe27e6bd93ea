// Asks for the playlists before anything plays them: the answer says in our words why not.

import { problemOf, ProblemError } from '@/lib/api/problem';
import { exchange } from '@/lib/api/transport';
import type { CredentialSource } from '@/lib/rtc/credential';
import { firstVariantOf, hasSegment, windowOf, type LiveWindow } from './playlist';
import { NothingYet } from './verdict';

/** The oldest picture is about to leave the playlist while it is loaded. */
const EVICTION_MARGIN_S = 2;

/** Address of the master playlist of a running broadcast. */
export function livePlaylist(stream: string): string {
  return `${location.origin}/hls/${encodeURIComponent(stream)}/master.m3u8`;
}

/** What belongs to a recording: its playlists, pictures and the file to download. */
export function recordingFile(recording: string, file: string): string {
  return `${location.origin}/vod/${encodeURIComponent(recording)}/${file}`;
}

/** Text from the media plane, shown the credential; a refusal is thrown as what it says. */
export async function readText(
  url: string,
  credential: CredentialSource,
  signal?: AbortSignal,
): Promise<string> {
  const found = await credential();
  const headers: Record<string, string> = {};
  if (found !== null) headers.authorization = `Bearer ${found.text}`;
  const init: RequestInit = { headers };
  if (signal !== undefined) init.signal = signal;
  const response = await exchange(url, init);
  if (!response.ok) throw await problemOf(response);
  return response.text();
}

/**
 * What can be played of a running broadcast. One that is over, although its playlists are still
 * there, is refused like one that is off the air. One that has just begun is `NothingYet`.
 */
export async function readWindow(
  master: string,
  credential: CredentialSource,
  signal?: AbortSignal,
): Promise<LiveWindow | null> {
  const variant = firstVariantOf(await readText(master, credential, signal));
  if (variant === null) return null;
  const media = await readText(new URL(variant, master).href, credential, signal);
  if (media.includes('#EXT-X-ENDLIST')) throw new ProblemError('hls_not_live', { status: 409 });
  if (!hasSegment(media)) throw new NothingYet();
  return windowOf(media);
}

/**
 * Where a playlist begins so that it plays from a moment on, in seconds; null is live, or the start.
 * Throws if there is nothing to play.
 */
export async function beginningOf(
  master: string,
  live: boolean,
  moment: number | null,
  credential: CredentialSource,
): Promise<number | null> {
  if (!live) {
    await readText(master, credential);
    return moment === null ? null : moment / 1000;
  }
  const reach = await readWindow(master, credential);
  if (moment === null || reach === null || moment >= reach.end) return null;
  return Math.max(EVICTION_MARGIN_S, (moment - reach.start) / 1000);
}
