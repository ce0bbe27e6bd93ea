import { useRef, type RefObject } from 'react';
import type { RouteChoice, Switched } from '@/lib/hls/switchboard';
import type { Latency } from '@/lib/rtc/latency';
import type { ViewerState } from '@/lib/rtc/whep';
import type { Timeline } from './timeline';

/** What the player knows beside its direct line, for tests. */
export interface ProbeExtras {
  switched: Switched;
  state: Pick<ViewerState, 'phase' | 'problem' | 'layers' | 'current' | 'pinned'>;
  timeline: Timeline | null;
  /** What the chip shows by HLS; undefined leaves it to the direct line. */
  latency: Latency | null | undefined;
  /** Latency of the picture on the screen, by the dates of its playlist. */
  measure(): number | null;
  rewind(seconds: number): void;
  goLive(): void;
  choose(choice: RouteChoice): void;
}

export type ProbeSource = RefObject<ProbeExtras | null>;

/** Filled in at each drawing, read when a test asks. */
export function useProbe(): ProbeSource {
  return useRef<ProbeExtras>(null);
}
