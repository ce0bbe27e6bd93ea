// What plays HLS in a video element: the browser itself where it can, hls.js elsewhere.

import type { LayerInfo } from '@/lib/api/generated/LayerInfo';
import type { Emitter } from '@/lib/emitter';
import type { CredentialSource } from '@/lib/rtc/credential';
import type { LiveWindow } from './playlist';
import type { ServedAt } from './served-clock';

export interface EngineOptions {
  /** Address of the master playlist. */
  url: string;
  credential: CredentialSource;
  /** Whether it is still growing: then the least latency counts, elsewhere a steady picture. */
  live: boolean;
  /** Seconds from the start of the playlist; null is the live edge, or the start. */
  from: number | null;
}

/** Why it stopped. */
export interface Trouble {
  kind: 'network' | 'media';
  /** What the server answered, where it did. */
  status: number | null;
}

export interface EngineEvents {
  layers: readonly LayerInfo[];
  /** The RID of the layer that is played. */
  layer: string | null;
  /** An answer of the server, which says what time it is there. */
  served: ServedAt;
  /** It stopped, and goes on only by `resume` or `mend`. */
  trouble: Trouble;
}

export interface Engine extends Emitter<EngineEvents> {
  /** Bits per second that the network gave lately. */
  readonly bandwidth: number | null;
  /** Where playing live would be now, in seconds of the element. */
  readonly edge: number | null;
  /** What can be played, on the server's clock. */
  readonly window: LiveWindow | null;
  /** Whether nothing comes after what there is. */
  readonly complete: boolean;
  dateAt(position: number): number | null;
  positionOf(date: number): number | null;
  /** Plays one layer by its RID; null leaves the choice to it. */
  select(rid: string | null): void;
  /** Whether it plays a breath faster to stay at the edge. */
  follow(wanted: boolean): void;
  /** Loads again after trouble with the network. */
  resume(): void;
  /** Begins decoding anew after trouble with the media. */
  mend(): void;
  close(): void;
}

/** Safari plays HLS better by itself than a script could; others that say they can do it in part. */
export function playsByItself(video: HTMLVideoElement): boolean {
  return (
    'webkitSupportsPresentationMode' in video &&
    video.canPlayType('application/vnd.apple.mpegurl') !== ''
  );
}

/** Loads what is needed; hls.js is a chunk of its own that nobody fetches before it is. */
export async function openEngine(video: HTMLVideoElement, options: EngineOptions): Promise<Engine> {
  if (playsByItself(video)) {
    const { NativeEngine } = await import('./native-engine');
    return NativeEngine.open(video, options);
  }
  const { ScriptEngine } = await import('./script-engine');
  return new ScriptEngine(video, options);
}
