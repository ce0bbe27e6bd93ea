import { useEffect, useRef, useState } from 'react';
import { useSnapshot } from '@/components/use-snapshot';
import { Snapshot } from '@/lib/snapshot';
import type { Report } from '@/lib/rtc/stats';
import { publisherDigest, type PublisherDigest } from '@/lib/rtc/uplink-stats';
import type { CredentialSource } from '@/lib/rtc/credential';
import { Publisher, type PublisherState } from '@/lib/rtc/whip';
import { planOf, type StudioSettings } from './settings';

/** Two minutes of history, one point a second. */
export const HISTORY = 120;
const REFRESH_MS = 1000;

export interface OnAir {
  /** Null while nothing was started. */
  state: PublisherState | null;
  history: readonly PublisherDigest[];
  /** The connection that publishes, while there is one. */
  peer: RTCPeerConnection | null;
  start(stream: string, credential: CredentialSource, media: MediaStream): void;
  stop(): void;
  /** Forgets the last broadcast and its error. */
  reset(): void;
}

const IDLE = new Snapshot<{ publisher: null }>({ publisher: null });

export function usePublisher(settings: StudioSettings): OnAir {
  const [publisher, setPublisher] = useState<Publisher | null>(null);
  const running = useRef<Publisher | null>(null);
  const state = useSnapshot<PublisherState | { publisher: null }>(publisher?.state ?? IDLE);
  useEffect(() => () => running.current?.stop(), []);

  const change = (next: Publisher | null) => {
    running.current?.stop();
    running.current = next;
    setPublisher(next);
  };
  return {
    state: 'publisher' in state ? null : state,
    history: useHistory(publisher),
    // It changes with the phase only.
    peer: publisher?.connection?.peer ?? null,
    start: (stream, credential, media) => {
      const next = new Publisher({
        endpoint: `${location.origin}/whip/${encodeURIComponent(stream)}`,
        stream,
        credential,
        media,
        plan: planOf(settings),
        // A pattern or a screen is there to be read; a face may rather lose size than motion.
        ...(settings.source === 'camera' ? {} : { degradation: 'maintain-resolution' as const }),
      });
      change(next);
      next.start();
    },
    stop: () => running.current?.stop(),
    reset: () => change(null),
  };
}

function useHistory(publisher: Publisher | null): readonly PublisherDigest[] {
  const [history, setHistory] = useState<readonly PublisherDigest[]>([]);
  useEffect(() => {
    if (publisher === null) return;
    let before: Report | null = null;
    const look = async () => {
      const stats = (await publisher.connection?.peer.getStats()) as Report | undefined;
      if (!stats) {
        before = null;
        return;
      }
      const digest = publisherDigest(stats, before);
      before = stats;
      setHistory((past) => [...past, digest].slice(-HISTORY));
    };
    const timer = setInterval(() => void look(), REFRESH_MS);
    return () => {
      clearInterval(timer);
      setHistory([]);
    };
  }, [publisher]);
  return history;
}
