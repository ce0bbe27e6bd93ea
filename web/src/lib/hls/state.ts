// What a viewer of HLS says of itself.

import type { LayerInfo } from '@/lib/api/generated/LayerInfo';
import type { ProblemError } from '@/lib/api/problem';
import type { CredentialSource } from '@/lib/rtc/credential';
import type { ViewerPhase } from '@/lib/rtc/whep';

export interface HlsState {
  phase: ViewerPhase;
  missing: 'publisher' | 'connection' | null;
  problem: ProblemError | null;
  layers: readonly LayerInfo[];
  current: string | null;
  pinned: string | null;
  /** Waits for more to play. */
  stalled: boolean;
}

export const INITIAL: HlsState = {
  phase: 'connecting',
  missing: null,
  problem: null,
  layers: [],
  current: null,
  pinned: null,
  stalled: false,
};
export const PLAYING = { phase: 'live', missing: null, problem: null, stalled: false } as const;
/** Of what does not play. */
export const OFF = { missing: null, problem: null, stalled: false } as const;

export interface HlsViewerOptions {
  /** Address of the master playlist. */
  url: string;
  live: boolean;
  credential?: CredentialSource | undefined;
}
