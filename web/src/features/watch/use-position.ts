import { useCallback, useEffect, useMemo, useRef, useState } from 'react';
import { useSession } from '@/components/session';
import { rememberPosition } from '@/lib/recordings/api';
import { shownAt, wholeAt } from '@/lib/recordings/clip';
import { askedPosition, resumeAt, storedPosition, storePosition } from '@/lib/recordings/resume';
import type { Recording } from '@/lib/recordings/types';
import { Snapshot } from '@/lib/snapshot';

/** What is lost when a computer is switched off. */
const SAVE_MS = 10_000;

export interface Position {
  /** Where the player begins, of what is played; null is the start. */
  from: number | null;
  /** Whether that is because somebody stopped there before. */
  resumed: boolean;
  /** Where it is, of the whole recording: for what goes along with the picture. */
  now: Snapshot<{ at: number }>;
  onTime(at: number): void;
}

/** Where a recording is played, where it was left, and remembering it. */
export function usePosition(recording: Recording): Position {
  const { id } = recording;
  const { me } = useSession();
  const cut = useRef(recording);
  cut.current = recording;
  const [begin] = useState(() => {
    const asked = askedPosition(location.search);
    if (asked !== null) return { from: asked, resumed: false };
    const left = recording.position_ms ?? storedPosition(id);
    const from = resumeAt(left === null ? null : shownAt(recording, left), recording.duration_ms);
    return { from, resumed: from !== null };
  });
  const now = useMemo(() => new Snapshot({ at: wholeAt(cut.current, begin.from ?? 0) }), [begin]);
  const account = me?.id;
  useEffect(() => {
    let saved = now.get().at;
    const save = () => {
      const { at } = now.get();
      if (at === saved) return;
      saved = at;
      storePosition(id, at);
      // Where it cannot be kept for other devices, it is kept here.
      if (account !== undefined) rememberPosition(id, at).catch(() => undefined);
    };
    const timer = setInterval(save, SAVE_MS);
    window.addEventListener('pagehide', save);
    return () => {
      clearInterval(timer);
      window.removeEventListener('pagehide', save);
      save();
    };
  }, [now, id, account]);
  const onTime = useCallback((at: number) => now.set({ at: wholeAt(cut.current, at) }), [now]);
  return { ...begin, now, onTime };
}
