import { CalendarClock } from 'lucide-react';
import { useCallback } from 'react';
import { CardGrid } from '@/components/CardGrid';
import { PastBroadcasts } from '@/components/PastBroadcasts';
import { Section } from '@/components/Section';
import { scheduleText } from '@/components/time';
import { useLoad } from '@/components/use-load';
import { readChannel } from '@/lib/streams/catalogue';
import type { Stream } from '@/lib/streams/types';
import { useI18n } from '@/messages/i18n';
import styles from './WatchPage.module.css';

/** While a stream is off the air: when it comes back, what was, and what else its creator has. */
export default function OffAir({ stream }: { stream: Stream }) {
  const { t, locale } = useI18n();
  const { handle, display_name: name } = stream.owner;
  const { value } = useLoad(
    useCallback((signal: AbortSignal) => readChannel(handle, signal), [handle]),
  );
  const past = value?.recent.filter((broadcast) => broadcast.stream === stream.name) ?? [];
  const others = value?.streams.filter(({ id }) => id !== stream.id) ?? [];
  const next = stream.scheduled_start;
  return (
    <div className={styles.offAir}>
      <Section title={t('watch.next')}>
        {next !== null && next > Date.now() ? (
          <p className={styles.next}>
            <CalendarClock size={20} aria-hidden="true" />
            <time dateTime={new Date(next).toISOString()}>{scheduleText(next, locale)}</time>
          </p>
        ) : (
          <p className={styles.quiet}>{t('watch.next.none')}</p>
        )}
      </Section>
      {value !== null && <PastBroadcasts handle={handle} stream={stream.name} broadcasts={past} />}
      {others.length > 0 && (
        <Section title={t('watch.more', { name })}>
          <CardGrid streams={others} />
        </Section>
      )}
    </div>
  );
}
