// What a creator does with streams of their own.

import { bodyOf, call } from '@/lib/api/call';
import type { Answer } from '@/lib/api/transport';
import type { List, Me } from '@/lib/api/types';
import { session } from '@/lib/auth/session';
import type {
  NewStream,
  Broadcast,
  MadeKey,
  Stream,
  StreamCard,
  StreamEdit,
  StreamKey,
} from './types';

const at = (stream: string) => `/streams/${encodeURIComponent(stream)}`;

export function ownStreams(cursor: string | null, signal?: AbortSignal): Promise<List<StreamCard>> {
  return bodyOf('GET', '/me/streams', { query: { cursor }, signal });
}

/** With the ETag that a change has to name. */
export function ownStream(stream: string, signal?: AbortSignal): Promise<Answer<Stream>> {
  return call('GET', at(stream), { signal });
}

export function createStream(stream: NewStream): Promise<Stream> {
  return bodyOf('POST', '/streams', { body: stream });
}

export function updateStream(
  id: string,
  change: StreamEdit,
  ifMatch: string | null,
): Promise<Answer<Stream>> {
  return call('PATCH', at(id), { body: change, ifMatch });
}

export async function deleteStream(id: string): Promise<void> {
  await call('DELETE', at(id));
}

export async function putThumbnail(id: string, picture: Blob): Promise<void> {
  await call('PUT', `${at(id)}/thumbnail`, { body: picture });
}

export async function removeThumbnail(id: string): Promise<void> {
  await call('DELETE', `${at(id)}/thumbnail`);
}

export async function streamKeys(id: string, signal?: AbortSignal): Promise<StreamKey[]> {
  return (await bodyOf<List<StreamKey>>('GET', `${at(id)}/keys`, { signal })).items;
}

export function addKey(id: string, name: string, expiresAt: number | null): Promise<MadeKey> {
  const body = expiresAt === null ? { name } : { name, expires_at: expiresAt };
  return bodyOf('POST', `${at(id)}/keys`, { body });
}

/** The text of a key; the server writes down who asked for it. */
export async function showKey(id: string, key: string): Promise<string> {
  return (await bodyOf<{ key: string }>('POST', `${at(id)}/keys/${key}/show`)).key;
}

export function rotateKey(id: string, key: string, overlapSeconds: number): Promise<MadeKey> {
  return bodyOf('POST', `${at(id)}/keys/${key}/rotate`, {
    body: { overlap_seconds: overlapSeconds },
  });
}

export async function revokeKey(id: string, key: string): Promise<void> {
  await call('DELETE', `${at(id)}/keys/${key}`);
}

export function broadcasts(
  id: string,
  cursor: string | null,
  signal?: AbortSignal,
): Promise<List<Broadcast>> {
  return bodyOf('GET', `${at(id)}/broadcasts`, { query: { cursor }, signal });
}

export async function endBroadcast(id: string): Promise<void> {
  await call('POST', `${at(id)}/end`);
}

/** Makes a viewer a creator, with a channel. */
export async function becomeCreator(): Promise<void> {
  session.updateMe(await bodyOf<Me>('POST', '/me/channel'));
}
