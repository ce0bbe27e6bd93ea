// Finding streams, and the people who make them.

import { bodyOf } from '@/lib/api/call';
import type { List } from '@/lib/api/types';
import type { Category, Channel, Followed, Following, Stream, StreamCard } from './types';

export const SORTS = ['viewers', 'recent', 'title'] as const;
export type Sort = (typeof SORTS)[number];

/** What a list of streams shall have; absent is no limit. */
export interface StreamQuery {
  q?: string | undefined;
  live?: boolean | undefined;
  category?: string | undefined;
  tag?: string | undefined;
  owner?: string | undefined;
  sort?: Sort | undefined;
  limit?: number | undefined;
  cursor?: string | null | undefined;
}

export function listStreams(query: StreamQuery, signal?: AbortSignal): Promise<List<StreamCard>> {
  return bodyOf('GET', '/streams', { query: { ...query }, signal });
}

/** How many streams are looked through for those that are scheduled: the largest page there is. */
const LOOKED_THROUGH = 100;

/** Those of the newest that begin next, the first first. The API has no order by their start. */
export async function scheduledStreams(signal?: AbortSignal): Promise<StreamCard[]> {
  const query = { live: false, sort: 'recent', limit: LOOKED_THROUGH } as const;
  const { items } = await listStreams(query, signal);
  const now = Date.now();
  return items
    .flatMap((stream) => ((stream.scheduled_start ?? 0) > now ? [stream] : []))
    .sort((one, other) => (one.scheduled_start ?? 0) - (other.scheduled_start ?? 0));
}

export function featuredStreams(signal?: AbortSignal): Promise<List<StreamCard>> {
  return bodyOf('GET', '/streams/featured', { signal });
}

export function categories(signal?: AbortSignal): Promise<Category[]> {
  return bodyOf('GET', '/streams/categories', { signal });
}

/** By name or id. */
export function readStream(stream: string, signal?: AbortSignal): Promise<Stream> {
  return bodyOf('GET', `/streams/${encodeURIComponent(stream)}`, { signal });
}

export function readChannel(handle: string, signal?: AbortSignal): Promise<Channel> {
  return bodyOf('GET', `/channels/${encodeURIComponent(handle)}`, { signal });
}

export function followed(signal?: AbortSignal): Promise<List<Followed>> {
  return bodyOf('GET', '/me/follows', { query: { limit: 100 }, signal });
}

export function follow(ownerId: string, wanted: boolean): Promise<Following> {
  return bodyOf('POST', '/social/follow', { body: { owner_id: ownerId, follow: wanted } });
}
