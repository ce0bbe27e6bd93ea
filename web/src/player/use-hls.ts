import { useEffect, useMemo, type RefObject } from 'react';
import { useSnapshot } from '@/components/use-snapshot';
import type { HlsState } from '@/lib/hls/state';
import { HlsViewer } from '@/lib/hls/viewer';
import type { CredentialSource } from '@/lib/rtc/credential';
import { keepPicture, revealNext, type Playback } from './use-playback';

/** Plays HLS in the element while it is active; the last picture stays until the first of the next. */
export function useHls({
  url,
  live,
  credential,
  active,
  from,
  video,
  still,
  play,
}: {
  url: string;
  live: boolean;
  credential: CredentialSource | undefined;
  active: boolean;
  /** Where it begins, as `HlsViewer.start` has it. */
  from: number | null;
  video: RefObject<HTMLVideoElement | null>;
  still: RefObject<HTMLCanvasElement | null>;
  play: Playback['play'];
}): { hls: HlsViewer; state: HlsState } {
  const hls = useMemo(() => new HlsViewer({ url, live, credential }), [url, live, credential]);
  useEffect(() => {
    const element = video.current;
    if (!active || element === null) return;
    const cover = still.current;
    element.addEventListener('loadedmetadata', play);
    hls.start(element, from);
    revealNext(element, cover);
    return () => {
      element.removeEventListener('loadedmetadata', play);
      element.playbackRate = 1;
      keepPicture(element, cover);
      hls.stop();
    };
  }, [hls, active, from, video, still, play]);
  return { hls, state: useSnapshot(hls.state) };
}
