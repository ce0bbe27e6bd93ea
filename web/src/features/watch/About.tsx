import { Bookmark, BookmarkCheck, Eye, Heart, Settings2 } from 'lucide-react';
import { useCallback, useState } from 'react';
import { Link, useLocation } from 'wouter';
import { Avatar } from '@/components/Avatar';
import { AccessBadge, MaturityBadge } from '@/components/Badges';
import { Button, ButtonLink } from '@/components/Button';
import { FollowButton } from '@/components/FollowButton';
import { StatePill } from '@/components/Pill';
import { ReportButton } from '@/components/ReportButton';
import { agoText } from '@/components/time';
import { useLoad } from '@/components/use-load';
import { useNow } from '@/components/use-now';
import { useSession } from '@/components/session';
import { paths } from '@/config/routes';
import type { LibraryKind, Stream } from '@/lib/streams/types';
import { isFavorite, keep } from '@/lib/streams/viewing';
import { useI18n, useT } from '@/messages/i18n';
import { Description } from './Description';
import { ShareButton } from './ShareButton';
import styles from './WatchPage.module.css';

/** Below the picture: what it is, who makes it, what can be done. */
export function About({
  stream,
  onFollow,
}: {
  stream: Stream;
  onFollow(following: boolean): void;
}) {
  const { t, locale } = useI18n();
  const now = useNow(30_000);
  const title = stream.title === '' ? stream.name : stream.title;
  const onAir = stream.state !== 'offline';
  return (
    <div className={styles.about}>
      <h1 className={styles.title} dir="auto">
        {title}
      </h1>
      <div className={styles.bar}>
        <div className={styles.owner}>
          <Link href={paths.channel(stream.owner.handle)} className={styles.person}>
            <Avatar name={stream.owner.display_name} url={stream.owner.avatar_url} size={48} />
            <span className={styles.names}>
              <bdi className={styles.name}>{stream.owner.display_name}</bdi>
              <bdi className={styles.handle}>@{stream.owner.handle}</bdi>
            </span>
          </Link>
          <FollowButton owner={stream.owner} following={stream.following} onChange={onFollow} />
        </div>
        <div className={styles.acts}>
          <Keep kind="favorite" stream={stream} />
          <Keep kind="saved" stream={stream} />
          <ShareButton stream={stream.name} title={title} />
          {!stream.editable && (
            <ReportButton about={{ target: 'stream', stream_id: stream.id, name: title }} />
          )}
          {stream.editable && (
            <ButtonLink href={paths.studioStream(stream.name)} icon={<Settings2 size={16} />}>
              {t('watch.manage')}
            </ButtonLink>
          )}
        </div>
      </div>
      <section className={styles.box}>
        <p className={styles.facts}>
          <StatePill state={stream.state} />
          <AccessBadge access={stream.access} />
          <MaturityBadge maturity={stream.maturity} />
          {onAir && (
            <span className={styles.viewers}>
              <Eye size={16} aria-hidden="true" />
              {t('count.viewers', { count: stream.viewers })}
            </span>
          )}
          {onAir && stream.live_since !== null && (
            <span>{t('watch.started', { time: agoText(stream.live_since, now, locale) })}</span>
          )}
          {stream.category !== null && (
            <Link href={paths.category(stream.category.slug)} className={styles.link}>
              <bdi>{stream.category.name}</bdi>
            </Link>
          )}
        </p>
        {stream.description !== '' && <Description text={stream.description} />}
        {stream.tags.length > 0 && (
          <ul className={styles.tags} aria-label={t('stream.tags')}>
            {stream.tags.map((tag) => (
              <li key={tag}>
                <Link href={paths.search({ tag })} className={styles.tag}>
                  <bdi>{tag}</bdi>
                </Link>
              </li>
            ))}
          </ul>
        )}
      </section>
    </div>
  );
}

/** On a shelf of the library or not. Shown at once, taken back if the server says no. */
function Keep({ kind, stream }: { kind: LibraryKind; stream: Stream }) {
  const t = useT();
  const [path] = useLocation();
  const { me } = useSession();
  const [changed, setChanged] = useState<boolean | null>(null);
  const { id } = stream;
  const asked = kind === 'favorite' && me !== null;
  const { value: favorite } = useLoad(
    useCallback(
      (signal: AbortSignal) => (asked ? isFavorite(id, signal) : Promise.resolve(false)),
      [asked, id],
    ),
  );
  const kept = changed ?? (kind === 'saved' ? stream.saved : favorite === true);
  const label = t(
    kind === 'saved'
      ? kept
        ? 'watch.saved'
        : 'watch.save'
      : kept
        ? 'watch.unfavorite'
        : 'watch.favorite',
  );
  const icon =
    kind === 'favorite' ? (
      <Heart size={16} fill={kept ? 'currentColor' : 'none'} />
    ) : kept ? (
      <BookmarkCheck size={16} />
    ) : (
      <Bookmark size={16} />
    );
  const short = kind === 'favorite' ? <span className="visually-hidden">{label}</span> : label;
  if (me === null)
    return (
      <ButtonLink href={paths.signIn(path)} icon={icon}>
        {short}
      </ButtonLink>
    );
  const toggle = async () => {
    setChanged(!kept);
    try {
      await keep(kind, stream.id, !kept);
    } catch {
      setChanged(kept);
    }
  };
  return (
    <Button
      aria-pressed={kept}
      className={kept ? styles.kept : ''}
      icon={icon}
      title={label}
      onClick={() => void toggle()}
    >
      {short}
    </Button>
  );
}
