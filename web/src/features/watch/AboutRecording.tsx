import { Pencil } from 'lucide-react';
import { Link } from 'wouter';
import { Avatar } from '@/components/Avatar';
import { AccessBadge, MaturityBadge } from '@/components/Badges';
import { Button, ButtonLink } from '@/components/Button';
import { FollowButton } from '@/components/FollowButton';
import { Pill } from '@/components/Pill';
import { ReportButton } from '@/components/ReportButton';
import { dateTimeText } from '@/components/time';
import { durationText } from '@/components/units';
import { paths } from '@/config/routes';
import { shownAt } from '@/lib/recordings/clip';
import type { Recording } from '@/lib/recordings/types';
import type { CredentialSource } from '@/lib/rtc/credential';
import { useI18n } from '@/messages/i18n';
import type { Chapter } from '@/player/timeline';
import { Description } from './Description';
import { DownloadButton } from './DownloadButton';
import { ShareRecording } from './ShareRecording';
import type { Position } from './use-position';
import styles from './WatchPage.module.css';
import own from './RecordingPage.module.css';

/** Below the picture: what it was, whose it is, its chapters. */
export function AboutRecording({
  recording,
  chapters,
  following,
  credential,
  position,
  onFollow,
  onSeek,
}: {
  recording: Recording;
  chapters: readonly Chapter[];
  /** Whether its creator is followed; null while that is not known. */
  following: boolean | null;
  credential: CredentialSource | undefined;
  position: Position;
  onFollow(following: boolean): void;
  onSeek(to: number): void;
}) {
  const { t, locale } = useI18n();
  const { owner, stream } = recording;
  return (
    <div className={styles.about}>
      <h1 className={styles.title} dir="auto">
        {recording.title}
      </h1>
      <div className={styles.bar}>
        <div className={styles.owner}>
          <Link href={paths.channel(owner.handle)} className={styles.person}>
            <Avatar name={owner.display_name} url={owner.avatar_url} size={48} />
            <span className={styles.names}>
              <bdi className={styles.name}>{owner.display_name}</bdi>
              <bdi className={styles.handle}>@{owner.handle}</bdi>
            </span>
          </Link>
          {following !== null && (
            <FollowButton owner={owner} following={following} onChange={onFollow} />
          )}
        </div>
        <div className={styles.acts}>
          <ShareRecording
            id={recording.id}
            title={recording.title}
            positionOf={() => shownAt(recording, position.now.get().at)}
          />
          {recording.download_url !== null && (
            <DownloadButton url={recording.download_url} credential={credential} />
          )}
          {recording.editable ? (
            <ButtonLink
              href={paths.studioRecording(stream.name, recording.id)}
              icon={<Pencil size={16} />}
            >
              {t('recording.edit')}
            </ButtonLink>
          ) : (
            <ReportButton
              about={{ target: 'stream', stream_id: stream.id, name: recording.title }}
            />
          )}
        </div>
      </div>
      <section className={styles.box}>
        <p className={styles.facts}>
          {recording.visibility !== 'public' && (
            <Pill tone="quiet">{t(`recording.visibility.${recording.visibility}`)}</Pill>
          )}
          <AccessBadge access={stream.access} />
          <MaturityBadge maturity={stream.maturity} />
          <time dateTime={new Date(recording.started_at).toISOString()}>
            {t('recording.streamed', { date: dateTimeText(recording.started_at, locale) })}
          </time>
          <span>{durationText(recording.duration_ms)}</span>
          <Link href={paths.watch(stream.name)} className={styles.link}>
            <bdi>{stream.title === '' ? stream.name : stream.title}</bdi>
          </Link>
        </p>
        {position.resumed && (
          <p className={own.resumed}>
            {t('recording.resumed')}
            <Button look="quiet" onClick={() => onSeek(0)}>
              {t('recording.startOver')}
            </Button>
          </p>
        )}
        {recording.description !== '' && <Description text={recording.description} />}
      </section>
      {chapters.length > 0 && <Chapters chapters={chapters} onSeek={onSeek} />}
    </div>
  );
}

function Chapters({
  chapters,
  onSeek,
}: {
  chapters: readonly Chapter[];
  onSeek(to: number): void;
}) {
  const { t } = useI18n();
  return (
    <section className={own.chapters} aria-label={t('recording.chapters')}>
      <h2 className={own.heading}>{t('recording.chapters')}</h2>
      <ol className={own.list}>
        {chapters.map((chapter) => (
          <li key={chapter.at_ms}>
            <button type="button" className={own.chapter} onClick={() => onSeek(chapter.at_ms)}>
              <span className={own.at}>{durationText(chapter.at_ms)}</span>
              <bdi className={own.name}>{chapter.title}</bdi>
            </button>
          </li>
        ))}
      </ol>
    </section>
  );
}
