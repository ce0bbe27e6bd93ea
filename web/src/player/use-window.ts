import { useEffect, useState } from 'react';
import { livePlaylist, readWindow } from '@/lib/hls/preflight';
import type { LiveWindow } from '@/lib/hls/playlist';
import { NOTHING_TO_SHOW, type CredentialSource } from '@/lib/rtc/credential';

/** The first picture goes before: what is asked here would take from the same line. */
const FIRST_MS = 3000;
/** The start of the window moves; a bar that is off by this is corrected when it is used. */
const REFRESH_MS = 30_000;

/** How far back a running broadcast can be watched; null while that is not known or not possible. */
export function useWindow(
  stream: string,
  credential: CredentialSource = NOTHING_TO_SHOW,
  wanted: boolean,
): LiveWindow | null {
  const [reach, setReach] = useState<LiveWindow | null>(null);
  useEffect(() => setReach(null), [stream]);
  useEffect(() => {
    if (!wanted) return;
    const abort = new AbortController();
    let timer: ReturnType<typeof setTimeout> | undefined;
    const ask = async () => {
      try {
        const found = await readWindow(livePlaylist(stream), credential, abort.signal);
        if (!abort.signal.aborted) setReach(found);
      } catch {
        // Without it there is no bar; whatever is wrong, the picture is not concerned.
        if (!abort.signal.aborted) setReach(null);
      }
      if (!abort.signal.aborted) timer = setTimeout(() => void ask(), REFRESH_MS);
    };
    timer = setTimeout(() => void ask(), FIRST_MS);
    return () => {
      abort.abort();
      clearTimeout(timer);
    };
  }, [stream, credential, wanted]);
  return reach;
}
