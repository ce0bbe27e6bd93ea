import { Pencil, RotateCcw, Trash2 } from 'lucide-react';
import { Link } from 'wouter';
import { Button, ButtonLink, IconButton } from '@/components/Button';
import { Pill } from '@/components/Pill';
import { Still } from '@/components/StreamCard';
import { dateText, dateTimeText } from '@/components/time';
import { durationText, sizeText } from '@/components/units';
import { paths } from '@/config/routes';
import type { RecordingCard, RecordingState } from '@/lib/recordings/types';
import { useI18n } from '@/messages/i18n';
import styles from './RecordingsSection.module.css';

const TONES: Record<RecordingState, 'live' | 'warn' | 'quiet' | 'good'> = {
  recording: 'live',
  processing: 'quiet',
  ready: 'good',
  failed: 'warn',
};

/** A recording in the list of its owner. */
export function RecordingRow({
  recording,
  onDelete,
  onRestore,
}: {
  recording: RecordingCard;
  onDelete(): void;
  onRestore(): void;
}) {
  const { t, locale } = useI18n();
  const { title, state } = recording;
  const deleted = recording.deleted_at !== null;
  return (
    <li className={styles.row}>
      <div className={styles.picture}>
        <Still seed={recording.id} url={deleted ? null : recording.poster_url} />
        <span className={styles.length}>{durationText(recording.duration_ms)}</span>
      </div>
      <div className={styles.words}>
        <h3 className={styles.name}>
          {deleted ? (
            <bdi>{title}</bdi>
          ) : (
            <Link href={paths.recording(recording.id)} className={styles.link}>
              <bdi>{title}</bdi>
            </Link>
          )}
        </h3>
        <p className={styles.detail}>
          <span>{dateTimeText(recording.started_at, locale)}</span>
          <span>{sizeText(recording.size_bytes, locale)}</span>
          {recording.height !== null && <span>{recording.height}p</span>}
          {recording.codec !== null && <span>{recording.codec.toUpperCase()}</span>}
        </p>
        {recording.failure !== null && <p className={styles.failure}>{recording.failure}</p>}
        {recording.delete_after !== null && !deleted && (
          <p className={styles.detail}>
            <span>{t('recordings.goes', { date: dateText(recording.delete_after, locale) })}</span>
          </p>
        )}
      </div>
      <div className={styles.badges}>
        {!deleted && <Pill tone="quiet">{t(`recording.visibility.${recording.visibility}`)}</Pill>}
        {state !== 'ready' && <Pill tone={TONES[state]}>{t(`recording.state.${state}`)}</Pill>}
      </div>
      <div className={styles.acts}>
        {deleted ? (
          <Button
            icon={<RotateCcw size={16} />}
            aria-label={t('recordings.restoreOf', { title })}
            onClick={onRestore}
          >
            {t('recordings.restore')}
          </Button>
        ) : (
          <>
            <ButtonLink
              href={paths.studioRecording(recording.stream.name, recording.id)}
              icon={<Pencil size={16} />}
            >
              <span>
                {t('recording.edit')}
                <span className="visually-hidden">: {title}</span>
              </span>
            </ButtonLink>
            {state !== 'recording' && (
              <IconButton label={t('recordings.deleteOf', { title })} onClick={onDelete}>
                <Trash2 size={16} />
              </IconButton>
            )}
          </>
        )}
      </div>
    </li>
  );
}
