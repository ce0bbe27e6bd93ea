// What a viewer does: opens streams, keeps some of them, remembers what was watched.

import { bodyOf, call } from '@/lib/api/call';
import type { List } from '@/lib/api/types';
import type { HistoryItem, LibraryItem, LibraryKind, PlaybackToken } from './types';

/** Opens a stream that is not for everybody. */
export function playbackToken(streamId: string, password?: string): Promise<PlaybackToken> {
  return bodyOf('POST', `/streams/${streamId}/playback-token`, {
    body: password === undefined ? {} : { password },
  });
}

export function library(
  kind: LibraryKind,
  cursor: string | null,
  signal?: AbortSignal,
): Promise<List<LibraryItem>> {
  return bodyOf('GET', '/me/library', { query: { kind, cursor }, signal });
}

/** How many favorites are looked through: the largest page there is. */
const LOOKED_THROUGH = 100;

/** Whether a stream is among the newest favorites; the API does not say it with the stream. */
export async function isFavorite(streamId: string, signal?: AbortSignal): Promise<boolean> {
  const query = { kind: 'favorite', limit: LOOKED_THROUGH };
  const { items } = await bodyOf<List<LibraryItem>>('GET', '/me/library', { query, signal });
  return items.some((item) => item.stream.id === streamId);
}

/** Puts a stream on a shelf of the library, or takes it away. */
export async function keep(kind: LibraryKind, streamId: string, wanted: boolean): Promise<void> {
  await call(wanted ? 'PUT' : 'DELETE', `/me/library/${kind}/${streamId}`);
}

export function history(cursor: string | null, signal?: AbortSignal): Promise<List<HistoryItem>> {
  return bodyOf('GET', '/me/history', { query: { cursor }, signal });
}

export async function forgetHistory(): Promise<void> {
  await call('DELETE', '/me/history');
}

export function startViewing(streamId: string, password?: string): Promise<{ session_id: string }> {
  const body = { stream_id: streamId, device_type: 'browser' };
  return bodyOf('POST', '/viewing/start', {
    body: password === undefined ? body : { ...body, password },
  });
}

export async function reportViewing(sessionId: string, seconds: number): Promise<void> {
  await call('PUT', '/viewing/progress', {
    body: { session_id: sessionId, duration_watched: seconds },
  });
}

export async function endViewing(sessionId: string, seconds: number): Promise<void> {
  await call('POST', '/viewing/end', {
    body: { session_id: sessionId, duration_watched: seconds },
  });
}
