import { History } from 'lucide-react';
import { useCallback } from 'react';
import { EmptyState } from '@/components/EmptyState';
import { ListProblem, More } from '@/components/ListStates';
import { Pill } from '@/components/Pill';
import { Section } from '@/components/Section';
import { Skeleton } from '@/components/Skeleton';
import { compactText, dateTimeText } from '@/components/time';
import { durationText } from '@/components/units';
import { useCursorList } from '@/components/use-cursor-list';
import { useNow } from '@/components/use-now';
import { broadcasts } from '@/lib/streams/own';
import type { Broadcast, Stream } from '@/lib/streams/types';
import { hasMessage } from '@/messages/catalogue';
import { useI18n, useT } from '@/messages/i18n';
import styles from './BroadcastsSection.module.css';

/** Each time that this stream was live, with its audience. */
export function BroadcastsSection({ stream }: { stream: Stream }) {
  const t = useT();
  const { id } = stream;
  const list = useCursorList<Broadcast>(
    useCallback((cursor, signal) => broadcasts(id, cursor, signal), [id]),
  );
  const { items, problem } = list;
  return (
    <Section title={t('broadcasts.heading')}>
      <ListProblem problem={problem} onRetry={list.reload} />
      {items === null && problem === null && (
        <div role="status" aria-label={t('app.loading')}>
          <Skeleton height="240px" />
        </div>
      )}
      {items?.length === 0 && (
        <EmptyState
          level={3}
          icon={<History size={24} />}
          title={t('broadcasts.none.title')}
          text={t('broadcasts.none.text')}
        />
      )}
      {items !== null && items.length > 0 && <Table items={items} />}
      <More list={list} />
    </Section>
  );
}

function Table({ items }: { items: readonly Broadcast[] }) {
  const t = useT();
  const columns = ['duration', 'peak', 'joins', 'watched', 'codec', 'end'] as const;
  return (
    <table className={styles.table}>
      <thead>
        <tr>
          <th scope="col">{t('broadcasts.started')}</th>
          {columns.map((column) => (
            <th key={column} scope="col">
              {t(`broadcasts.${column}`)}
            </th>
          ))}
        </tr>
      </thead>
      <tbody>
        {items.map((broadcast) => (
          <Row key={broadcast.id} broadcast={broadcast} />
        ))}
      </tbody>
    </table>
  );
}

function Row({ broadcast }: { broadcast: Broadcast }) {
  const { t, locale } = useI18n();
  const now = useNow(1000);
  const { started_at: started, live_at: live, ended_at: ended } = broadcast;
  const hours = Math.round(broadcast.watch_seconds / 360) / 10;
  const reason = `broadcasts.end.${broadcast.end_reason ?? ''}`;
  return (
    <tr>
      <th scope="row">
        <span className={styles.title} dir="auto">
          {broadcast.title}
        </span>
        <span className={styles.when}>{dateTimeText(started, locale)}</span>
      </th>
      <td data-name={t('broadcasts.duration')}>
        {durationText((ended ?? now) - (live ?? started))}
      </td>
      <td data-name={t('broadcasts.peak')}>{compactText(broadcast.peak_viewers, locale)}</td>
      <td data-name={t('broadcasts.joins')}>{compactText(broadcast.joins, locale)}</td>
      <td data-name={t('broadcasts.watched')}>{t('broadcasts.hours', { value: hours })}</td>
      <td data-name={t('broadcasts.codec')}>{broadcast.codec?.toUpperCase() ?? '–'}</td>
      <td data-name={t('broadcasts.end')}>
        {ended === null ? (
          <Pill tone="live">{t('broadcasts.running')}</Pill>
        ) : hasMessage(reason) ? (
          t(reason)
        ) : (
          (broadcast.end_reason ?? '–')
        )}
      </td>
    </tr>
  );
}
