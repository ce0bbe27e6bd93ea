import '@/messages/areas/watch';
import type { Broadcast } from '@/lib/streams/types';
import { useI18n } from '@/messages/i18n';
import styles from './BroadcastList.module.css';
import { agoText, dateTimeText } from './time';
import { durationText } from './units';

/** Past broadcasts as viewers see them: when, how long, how many. */
export function BroadcastList({ broadcasts }: { broadcasts: readonly Broadcast[] }) {
  const { t, locale } = useI18n();
  return (
    <ul className={styles.list}>
      {broadcasts.map((broadcast) => (
        <li key={broadcast.id} className={styles.item}>
          <span className={styles.title} dir="auto">
            {broadcast.title}
          </span>
          <span className={styles.facts}>
            <time
              dateTime={new Date(broadcast.started_at).toISOString()}
              title={dateTimeText(broadcast.started_at, locale)}
            >
              {agoText(broadcast.started_at, Date.now(), locale)}
            </time>
            {broadcast.ended_at !== null && (
              <span>
                {durationText(broadcast.ended_at - (broadcast.live_at ?? broadcast.started_at))}
              </span>
            )}
            <span>{t('watch.past.viewers', { count: broadcast.peak_viewers })}</span>
          </span>
        </li>
      ))}
    </ul>
  );
}
