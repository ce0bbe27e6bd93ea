import { useEffect } from 'react';
import { useSession } from '@/components/session';
import type { Stream } from '@/lib/streams/types';
import { endViewing, reportViewing, startViewing } from '@/lib/streams/viewing';

/** Looking in for a moment is not watching. */
const WATCHED_MS = 5_000;
/** What is lost of a history when a computer is switched off. */
const REPORT_MS = 60_000;

/** Writes the history of whoever is signed in and wants one. */
export function useHistory(stream: Stream, playing: boolean, password?: string): void {
  const { me } = useSession();
  const wanted = me?.privacy.save_history === true && playing && me.id !== stream.owner.id;
  const { id } = stream;
  useEffect(() => {
    if (!wanted) return;
    const started = Date.now();
    const seconds = () => Math.round((Date.now() - started) / 1000);
    let viewing: Promise<string | null> | null = null;
    const begin = setTimeout(() => {
      viewing = startViewing(id, password).then(
        ({ session_id: made }) => made,
        () => null,
      );
    }, WATCHED_MS);
    // A history with a gap is better than a page that complains about its history.
    const tell = (say: (session: string, seconds: number) => Promise<void>) => {
      void viewing
        ?.then((made) => (made === null ? undefined : say(made, seconds())))
        .catch(() => undefined);
    };
    const report = setInterval(() => tell(reportViewing), REPORT_MS);
    return () => {
      clearTimeout(begin);
      clearInterval(report);
      tell(endViewing);
    };
  }, [wanted, id, password]);
}
