// `?test=1` opens the studio's numbers to tests as `window.__sluice`. See web/README.md.

import { useEffect, useRef } from 'react';
import type { OnAir } from './use-publisher';
import type { PublisherDigest } from '@/lib/rtc/uplink-stats';
import type { PublisherState } from '@/lib/rtc/whip';

export interface PublisherProbe extends Omit<PublisherState, 'phase' | 'problem'> {
  role: 'publisher';
  state: PublisherState['phase'] | 'idle';
  problem: string | null;
  digest: PublisherDigest | null;
  stop(): void;
}

export function useTestProbe(onAir: OnAir): void {
  const newest = useRef(onAir);
  useEffect(() => {
    newest.current = onAir;
  });
  useEffect(() => {
    if (!new URLSearchParams(location.search).has('test')) return;
    Object.defineProperty(window, '__sluice', {
      configurable: true,
      get: () => read(newest.current),
    });
    return () => void Reflect.deleteProperty(window, '__sluice');
  }, []);
}

function read(onAir: OnAir): PublisherProbe {
  const state = onAir.state;
  return {
    role: 'publisher',
    state: state?.phase ?? 'idle',
    problem: state?.problem?.code ?? null,
    since: state?.since ?? null,
    viewers: state?.viewers ?? null,
    layers: state?.layers ?? [],
    issues: state?.issues ?? [],
    uplink: state?.uplink ?? null,
    digest: onAir.history.at(-1) ?? null,
    stop: onAir.stop,
  };
}

/** Publishes as soon as stream, key and source are there: `?test=1&autostart=1`. */
export function useAutostart(ready: boolean, start: () => void): void {
  const done = useRef(false);
  useEffect(() => {
    const parameters = new URLSearchParams(location.search);
    if (done.current || !ready || !parameters.has('test') || !parameters.has('autostart')) return;
    done.current = true;
    start();
  }, [ready, start]);
}
