import { useEffect, type RefObject } from 'react';
import type { Route } from '@/lib/hls/switchboard';
import type { HlsViewer } from '@/lib/hls/viewer';

/**
 * Filled in by a player: when the picture on the screen was captured, in milliseconds on the server's
 * clock, or null where nobody knows. What goes along with the picture, as chat does, is put in step by it.
 */
export type SeenSource = RefObject<(() => number | null) | null>;

/** Tells `source` of the picture on the screen, by whichever way it comes. */
export function useSeen(
  source: SeenSource | undefined,
  { route, hls, captured }: { route: Route; hls: HlsViewer; captured(): number | null },
): void {
  useEffect(() => {
    if (source === undefined) return;
    source.current = route === 'hls' ? () => hls.times()?.at ?? null : captured;
    return () => {
      source.current = null;
    };
  }, [source, route, hls, captured]);
}
