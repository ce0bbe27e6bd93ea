import { useCallback, useEffect, useMemo } from 'react';
import { usePoll } from '@/components/use-poll';
import { readStream } from '@/lib/streams/catalogue';
import { Player } from '@/player/Player';
import { embedOptions } from './options';
import styles from './EmbedPage.module.css';

/** The title is shown only in full screen, so it may be a minute old. */
const REFRESH_MS = 60_000;

/** The player alone, for a frame on another site. */
export default function EmbedPage({ stream }: { stream: string }) {
  const ask = useCallback((signal: AbortSignal) => readStream(stream, signal), [stream]);
  const { value: info } = usePoll(ask, REFRESH_MS);
  const options = useMemo(() => embedOptions(location.search), []);
  const title = info === null || info.title === '' ? stream : info.title;
  useEffect(() => {
    document.title = title;
  }, [title]);
  return (
    <main className={styles.page}>
      <Player stream={stream} title={title} options={options} />
    </main>
  );
}
