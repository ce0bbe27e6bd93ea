import '@/messages/areas/streams';
import type { ReactNode } from 'react';
import { useT } from '@/messages/i18n';
import type { StreamCard as Card } from '@/lib/streams/types';
import { StreamCard, StreamCardSkeleton } from './StreamCard';
import styles from './CardGrid.module.css';

/** Streams side by side; null is their shape until they come. */
export function CardGrid({
  streams,
  shapes = 8,
  level = 3,
  action,
}: {
  streams: readonly Card[] | null;
  /** How many shapes there are until then. */
  shapes?: number;
  /** Of the headings of the cards. */
  level?: 2 | 3;
  /** What can be done with each, over its corner. */
  action?: (stream: Card) => ReactNode;
}) {
  const t = useT();
  if (streams === null)
    return (
      <div className={styles.grid} role="status" aria-label={t('app.loading')}>
        {Array.from({ length: shapes }, (_, index) => (
          <StreamCardSkeleton key={index} />
        ))}
      </div>
    );
  return (
    <ul className={styles.grid}>
      {streams.map((stream) => (
        <li key={stream.id} className={styles.item}>
          <StreamCard stream={stream} level={level} />
          {action !== undefined && <div className={styles.action}>{action(stream)}</div>}
        </li>
      ))}
    </ul>
  );
}
