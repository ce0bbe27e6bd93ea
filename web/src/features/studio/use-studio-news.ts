import { useEffect, useState } from 'react';
import { useTopic } from '@/components/use-topic';
import type { StreamState } from '@/lib/api/types';
import type { Stream } from '@/lib/streams/types';

export interface StudioNews {
  state: StreamState;
  viewers: number;
  /** Whether something publishes: an encoder, this or another browser. */
  connected: boolean;
  /** Grows when a key was connected or disconnected, so that their list is asked for again. */
  keyRound: number;
}

/** What the server tells of an own stream while its page is open. */
export function useStudioNews(stream: Stream | null, reload: () => void): StudioNews {
  const [news, setNews] = useState<StudioNews>({
    state: 'offline',
    viewers: 0,
    connected: false,
    keyRound: 0,
  });
  const { state, viewers } = stream ?? { state: 'offline' as const, viewers: 0 };
  // An answer that says nothing new may be older than the events: it changes nothing.
  useEffect(() => {
    setNews((before) => ({ ...before, state, viewers, connected: state !== 'offline' }));
  }, [state, viewers]);

  const keys = (connected: boolean) =>
    setNews((before) => ({ ...before, connected, keyRound: before.keyRound + 1 }));
  useTopic(
    stream === null ? null : `studio:${stream.id}`,
    ({ event, data }) => {
      switch (event) {
        case 'key.connected':
          keys(true);
          break;
        case 'key.disconnected':
          keys(false);
          break;
        case 'stream.stats':
          setNews((before) => ({ ...before, ...statsOf(data, before) }));
          break;
        case 'stream.online':
          setNews((before) => ({ ...before, state: 'live', connected: true }));
          reload();
          break;
        case 'stream.offline':
          setNews((before) => ({ ...before, state: 'offline', viewers: 0, connected: false }));
          reload();
          break;
        default:
          reload();
      }
    },
    reload,
  );
  return news;
}

const STATES: readonly StreamState[] = ['offline', 'starting', 'live', 'gap'];

function statsOf(
  data: unknown,
  before: Pick<StudioNews, 'state' | 'viewers'>,
): Pick<StudioNews, 'state' | 'viewers'> {
  const { state, viewers } = (data ?? {}) as { state?: unknown; viewers?: unknown };
  return {
    state: STATES.find((known) => known === state) ?? before.state,
    viewers: typeof viewers === 'number' ? viewers : before.viewers,
  };
}
