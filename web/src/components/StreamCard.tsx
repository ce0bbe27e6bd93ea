import '@/messages/areas/streams';
import { CalendarClock, Eye, Lock } from 'lucide-react';
import { useState } from 'react';
import { Link } from 'wouter';
import { paths } from '@/config/routes';
import type { StreamCard as Card } from '@/lib/streams/types';
import { useI18n } from '@/messages/i18n';
import { AccessBadge, MaturityBadge } from './Badges';
import { Avatar } from './Avatar';
import { StatePill } from './Pill';
import { Skeleton } from './Skeleton';
import { compactText, scheduleText, spanText } from './time';
import { useNow } from './use-now';
import { usePrivatePicture } from './use-private-picture';
import { Waterline } from './Waterline';
import styles from './StreamCard.module.css';

/** Cards say how long in minutes. */
const TICK_MS = 30_000;
/** More tags make the card restless; the watch page has them all. */
const TAGS = 2;

/** A stream in a list: its picture, who makes it, and whether one may watch. */
export function StreamCard({
  stream,
  level = 3,
}: {
  stream: Card;
  /** Of its heading: one below that of the list. */
  level?: 2 | 3;
}) {
  const { t } = useI18n();
  const Heading = `h${level}` as const;
  const title = stream.title === '' ? stream.name : stream.title;
  return (
    <article className={styles.card}>
      <Picture stream={stream} />
      <div className={styles.text}>
        <Avatar name={stream.owner.display_name} url={stream.owner.avatar_url} />
        <div className={styles.words}>
          <Heading className={styles.title}>
            <Link href={paths.watch(stream.name)} className={styles.link}>
              <bdi>{title}</bdi>
            </Link>
          </Heading>
          <p className={styles.detail}>
            <Link href={paths.channel(stream.owner.handle)} className={styles.owner}>
              <bdi>{stream.owner.display_name}</bdi>
            </Link>
            {stream.category !== null && (
              <Link href={paths.category(stream.category.slug)} className={styles.owner}>
                <bdi>{stream.category.name}</bdi>
              </Link>
            )}
          </p>
          {stream.tags.length > 0 && (
            <ul className={styles.tags} aria-label={t('stream.tags')}>
              {stream.tags.slice(0, TAGS).map((tag) => (
                <li key={tag}>
                  <bdi>{tag}</bdi>
                </li>
              ))}
            </ul>
          )}
        </div>
      </div>
    </article>
  );
}

function Picture({ stream }: { stream: Card }) {
  const { t, locale } = useI18n();
  const now = useNow(TICK_MS);
  const onAir = stream.state !== 'offline';
  return (
    <div className={styles.picture} data-locked={stream.locked}>
      <Thumbnail stream={stream} />
      {stream.locked && (
        <span className={styles.lock} aria-hidden="true">
          <Lock size={22} />
        </span>
      )}
      <span className={styles.corner}>
        {onAir && <StatePill state={stream.state} />}
        <MaturityBadge maturity={stream.maturity} />
      </span>
      <span className={styles.cornerEnd}>
        <AccessBadge access={stream.access} />
      </span>
      {onAir && stream.live_since !== null && (
        <span className={`${styles.fact} ${styles.since}`}>
          <span className="visually-hidden">{t('stream.liveFor')} </span>
          {spanText(now - stream.live_since, locale)}
        </span>
      )}
      {onAir && (
        <span className={`${styles.fact} ${styles.viewers}`}>
          <Eye size={14} aria-hidden="true" />
          <span aria-hidden="true">{compactText(stream.viewers, locale)}</span>
          <span className="visually-hidden">{t('count.viewers', { count: stream.viewers })}</span>
        </span>
      )}
      {!onAir && stream.scheduled_start !== null && stream.scheduled_start > now && (
        <span className={`${styles.fact} ${styles.since}`}>
          <CalendarClock size={14} aria-hidden="true" />
          {scheduleText(stream.scheduled_start, locale)}
        </span>
      )}
    </div>
  );
}

/** The server makes a new one every few seconds; a list needs no film. */
const PREVIEW_MS = 20_000;

/** What is shown now, else the uploaded picture, or the water that stands for one. */
export function Thumbnail({ stream }: { stream: Pictured }) {
  const preview = stream.preview_url ?? null;
  return preview === null || stream.state === 'offline' ? (
    <Still seed={stream.name} url={stream.thumbnail_url} />
  ) : (
    <Preview url={preview} stream={stream} />
  );
}

/** What a thumbnail is made of. */
export type Pictured = Pick<Card, 'name' | 'thumbnail_url'> &
  Partial<Pick<Card, 'preview_url' | 'state'>>;

function Preview({ url, stream }: { url: string; stream: Pictured }) {
  const round = Math.floor(useNow(PREVIEW_MS) / PREVIEW_MS);
  const { src, onError } = usePrivatePicture(`${url}?at=${round}`);
  // The last one stays until the next is there.
  const [shown, setShown] = useState<string | null>(null);
  return (
    <>
      {src !== shown && src !== null && (
        <img hidden src={src} alt="" onLoad={() => setShown(src)} onError={onError} />
      )}
      {shown === null ? (
        <Still seed={stream.name} url={stream.thumbnail_url} />
      ) : (
        <img className={styles.image} src={shown} alt="" />
      )}
    </>
  );
}

/** A picture that does not change, or the water that stands for one. */
export function Still({ seed, url }: { seed: string; url: string | null }) {
  const { src, onError } = usePrivatePicture(url);
  return src === null ? (
    <Waterline seed={seed} />
  ) : (
    <img className={styles.image} src={src} alt="" loading="lazy" onError={onError} />
  );
}

export function StreamCardSkeleton() {
  return (
    <div className={styles.card}>
      <div className={styles.skeletonPicture}>
        <Skeleton height="100%" />
      </div>
      <div className={styles.text}>
        <Skeleton width="36px" height="36px" />
        <div className={styles.words}>
          <Skeleton width="80%" height="20px" />
          <Skeleton width="50%" height="16px" />
        </div>
      </div>
    </div>
  );
}
