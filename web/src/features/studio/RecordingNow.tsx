import '@/messages/areas/recordings';
import { useCallback } from 'react';
import { sizeText } from '@/components/units';
import { usePoll } from '@/components/use-poll';
import { readStream } from '@/lib/streams/catalogue';
import { useI18n } from '@/messages/i18n';
import styles from './RecordingsSection.module.css';

const REFRESH_MS = 5000;

/** How much of the running broadcast is kept so far; nothing where it is not. */
export function RecordingNow({ stream }: { stream: string }) {
  const { t, locale } = useI18n();
  const { value } = usePoll(
    useCallback((signal: AbortSignal) => readStream(stream, signal), [stream]),
    REFRESH_MS,
  );
  const running = value?.recording ?? null;
  if (running === null) return null;
  return (
    <p className={styles.running}>
      <span className={styles.dot} aria-hidden="true" />
      {t('recordings.running', { size: sizeText(running.bytes, locale) })}
    </p>
  );
}
