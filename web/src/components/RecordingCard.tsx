import '@/messages/areas/recordings';
import '@/messages/areas/streams';
import { Lock } from 'lucide-react';
import { Link } from 'wouter';
import { paths } from '@/config/routes';
import type { RecordingCard as Card } from '@/lib/recordings/types';
import { useI18n, useT } from '@/messages/i18n';
import { AccessBadge, MaturityBadge } from './Badges';
import styles from './StreamCard.module.css';
import { Still, StreamCardSkeleton } from './StreamCard';
import grid from './CardGrid.module.css';
import { agoText, dateTimeText } from './time';
import { durationText } from './units';
import recorded from './RecordingCard.module.css';

/** A broadcast that was kept: its picture, how long it is and when it was. */
export function RecordingCard({ recording, level = 3 }: { recording: Card; level?: 2 | 3 }) {
  const { t, locale } = useI18n();
  const Heading = `h${level}` as const;
  const { stream, started_at: started } = recording;
  return (
    <article className={styles.card}>
      <div className={styles.picture} data-locked={recording.locked}>
        <Still seed={recording.id} url={recording.locked ? null : recording.poster_url} />
        {recording.locked && (
          <span className={styles.lock} aria-hidden="true">
            <Lock size={22} />
          </span>
        )}
        <span className={styles.corner}>
          <MaturityBadge maturity={stream.maturity} />
        </span>
        <span className={styles.cornerEnd}>
          <AccessBadge access={stream.access} />
        </span>
        <span className={`${styles.fact} ${styles.viewers}`}>
          <span className="visually-hidden">
            {t('recording.length', { time: durationText(recording.duration_ms) })}
          </span>
          <span aria-hidden="true">{durationText(recording.duration_ms)}</span>
        </span>
      </div>
      <div className={recorded.words}>
        <Heading className={styles.title}>
          <Link href={paths.recording(recording.id)} className={styles.link}>
            <bdi>{recording.title}</bdi>
          </Link>
        </Heading>
        <p className={styles.detail}>
          <time dateTime={new Date(started).toISOString()} title={dateTimeText(started, locale)}>
            {agoText(started, Date.now(), locale)}
          </time>
        </p>
      </div>
    </article>
  );
}

/** Recordings side by side; null is their shape until they come. */
export function RecordingGrid({
  recordings,
  shapes = 4,
}: {
  recordings: readonly Card[] | null;
  shapes?: number;
}) {
  const t = useT();
  if (recordings === null)
    return (
      <div className={grid.grid} role="status" aria-label={t('app.loading')}>
        {Array.from({ length: shapes }, (_, index) => (
          <StreamCardSkeleton key={index} />
        ))}
      </div>
    );
  return (
    <ul className={grid.grid}>
      {recordings.map((recording) => (
        <li key={recording.id} className={grid.item}>
          <RecordingCard recording={recording} />
        </li>
      ))}
    </ul>
  );
}
