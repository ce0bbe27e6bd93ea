import { useEffect, useRef } from 'react';
import type { CursorList } from '@/components/use-cursor-list';
import { useTopic } from '@/components/use-topic';
import { listStreams, readStream, type StreamQuery } from '@/lib/streams/catalogue';
import type { StreamCard } from '@/lib/streams/types';

/** Numbers of viewers are as old as this at most; going live is told at once. */
const REFRESH_MS = 10_000;

/** The stream that an event is about; who needs more than its name asks for the stream. */
export function nameOf(data: unknown): string | null {
  if (typeof data !== 'object' || data === null) return null;
  const { name } = data as { name?: unknown };
  return typeof name === 'string' ? name : null;
}

/**
 * Keeps a list of live streams up to date without moving what somebody reads: cards change in their
 * place, one that ends says so, one that begins comes last. The order is made anew by a reload.
 */
export function useLiveList(list: CursorList<StreamCard>, query: StreamQuery): void {
  const { change, reload } = list;
  const loaded = list.items?.length ?? 0;
  const newest = useRef({ query, loaded });
  useEffect(() => {
    newest.current = { query, loaded };
  });

  useTopic(
    'streams',
    ({ event, data }) => {
      const name = nameOf(data);
      if (name === null) return;
      if (event === 'stream.offline') {
        change((items) => items.map((item) => (item.name === name ? offline(item) : item)));
        return;
      }
      readStream(name).then(
        (stream) => change((items) => withStream(items, stream, newest.current.query)),
        () => undefined,
      );
    },
    reload,
  );

  useEffect(() => {
    const timer = setInterval(() => {
      const { query: wanted, loaded: count } = newest.current;
      if (document.hidden || count === 0) return;
      listStreams({ ...wanted, limit: Math.min(100, count) }).then(
        (page) => change((items) => updated(items, page.items)),
        () => undefined,
      );
    }, REFRESH_MS);
    return () => clearInterval(timer);
  }, [change]);
}

export function offline(stream: StreamCard): StreamCard {
  return { ...stream, state: 'offline', live_since: null, viewers: 0 };
}

export function withStream(
  items: StreamCard[],
  stream: StreamCard,
  query: StreamQuery,
): StreamCard[] {
  if (items.some((item) => item.id === stream.id))
    return items.map((item) => (item.id === stream.id ? stream : item));
  const fits =
    (query.live !== true || stream.state !== 'offline') &&
    (query.category === undefined || stream.category?.slug === query.category) &&
    (query.tag === undefined || stream.tags.includes(query.tag)) &&
    (query.q === undefined || query.q === '');
  return fits ? [...items, stream] : items;
}

/** New numbers on the cards that are there; new cards at the end. */
export function updated(items: StreamCard[], fresh: readonly StreamCard[]): StreamCard[] {
  const byId = new Map(fresh.map((stream) => [stream.id, stream]));
  const known = new Set(items.map((item) => item.id));
  return [
    ...items.map((item) => byId.get(item.id) ?? item),
    ...fresh.filter((stream) => !known.has(stream.id)),
  ];
}
