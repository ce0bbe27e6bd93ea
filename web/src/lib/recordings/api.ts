// What the API does with recordings, one function a request.

import { bodyOf, call } from '@/lib/api/call';
import type { Answer } from '@/lib/api/transport';
import type { List } from '@/lib/api/types';
import type { Chapter, Recording, RecordingCard, RecordingEdit, ReplayedMessages } from './types';

const at = (id: string) => `/recordings/${encodeURIComponent(id)}`;

/** Those of a stream, for who owns it: in every state, or those that can be restored. */
export function ownRecordings(
  stream: string,
  deleted: boolean,
  cursor: string | null,
  signal?: AbortSignal,
): Promise<List<RecordingCard>> {
  const query = { cursor, deleted: deleted ? true : undefined };
  return bodyOf('GET', `/streams/${encodeURIComponent(stream)}/recordings`, { query, signal });
}

/** Those that everybody finds on a channel. */
export function channelRecordings(
  handle: string,
  cursor: string | null,
  signal?: AbortSignal,
): Promise<List<RecordingCard>> {
  const query = { cursor };
  return bodyOf('GET', `/channels/${encodeURIComponent(handle)}/recordings`, { query, signal });
}

/** All of the organisation. */
export function allRecordings(
  deleted: boolean,
  cursor: string | null,
  signal?: AbortSignal,
): Promise<List<RecordingCard>> {
  const query = { cursor, deleted: deleted ? true : undefined };
  return bodyOf('GET', '/admin/recordings', { query, signal });
}

/** With the ETag that a change has to name. */
export function readRecording(id: string, signal?: AbortSignal): Promise<Answer<Recording>> {
  return call('GET', at(id), { signal });
}

export function updateRecording(
  id: string,
  change: RecordingEdit,
  ifMatch: string | null,
): Promise<Answer<Recording>> {
  return call('PATCH', at(id), { body: change, ifMatch });
}

export async function setChapters(id: string, chapters: readonly Chapter[]): Promise<Recording> {
  return bodyOf('PUT', `${at(id)}/chapters`, { body: { chapters } });
}

/** For a week it can be restored. */
export async function deleteRecording(id: string): Promise<void> {
  await call('DELETE', at(id));
}

export function restoreRecording(id: string): Promise<Recording> {
  return bodyOf('POST', `${at(id)}/restore`);
}

/** Remembers how far it was watched, in milliseconds of the whole recording. */
export async function rememberPosition(id: string, position: number): Promise<void> {
  await call('PUT', `${at(id)}/position`, { body: { position_ms: Math.round(position) } });
}

/** What was said from a moment of the recording on, or after a message. */
export function chatOf(
  id: string,
  from: { after_ms: number } | { after: string },
  signal?: AbortSignal,
): Promise<ReplayedMessages> {
  return bodyOf('GET', `${at(id)}/chat`, { query: { ...from, limit: 200 }, signal });
}
