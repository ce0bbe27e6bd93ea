import '@/messages/areas/watch';
import { CalendarClock, Link2, UserX } from 'lucide-react';
import { useCallback } from 'react';
import { Link } from 'wouter';
import { Avatar } from '@/components/Avatar';
import { ButtonLink } from '@/components/Button';
import { CardGrid } from '@/components/CardGrid';
import { FollowButton } from '@/components/FollowButton';
import { ListProblem } from '@/components/ListStates';
import { NothingHere } from '@/components/NothingHere';
import { PastBroadcasts } from '@/components/PastBroadcasts';
import { ReportButton } from '@/components/ReportButton';
import { Section } from '@/components/Section';
import { Skeleton } from '@/components/Skeleton';
import { scheduleText } from '@/components/time';
import { useLoad } from '@/components/use-load';
import { useSession } from '@/components/session';
import { useTitle } from '@/components/use-title';
import { useTopic } from '@/components/use-topic';
import { Waterline } from '@/components/Waterline';
import { paths } from '@/config/routes';
import { readChannel } from '@/lib/streams/catalogue';
import type { Channel, StreamCard } from '@/lib/streams/types';
import { useI18n, useT } from '@/messages/i18n';
import { LiveNow } from './LiveNow';
import styles from './ChannelPage.module.css';

/** Somebody, what they stream now, next and before. */
export default function ChannelPage({ handle }: { handle: string }) {
  const t = useT();
  const {
    value,
    problem,
    reload: refresh,
    set: change,
  } = useLoad(useCallback((signal: AbortSignal) => readChannel(handle, signal), [handle]));
  useTopic(
    'streams',
    ({ event }) => {
      if (event !== 'stream.stats') refresh();
    },
    refresh,
  );
  useTitle(value === null ? `@${handle}` : value.display_name);

  if (problem?.status === 404)
    return (
      <NothingHere
        icon={<UserX size={24} />}
        title={t('channel.missing.title')}
        text={t('channel.missing.text')}
      />
    );
  return (
    <div className={styles.page}>
      <div className={styles.banner}>
        <Waterline seed={handle} />
      </div>
      {value === null ? (
        problem === null ? (
          <Shape />
        ) : (
          <ListProblem problem={problem} onRetry={refresh} />
        )
      ) : (
        <>
          <Head
            channel={value}
            onFollow={(following, followers) =>
              change((now) => ({ ...now, following, followers: followers ?? now.followers }))
            }
          />
          <Body channel={value} />
        </>
      )}
    </div>
  );
}

function Head({
  channel,
  onFollow,
}: {
  channel: Channel;
  onFollow(following: boolean, followers: number | null): void;
}) {
  const t = useT();
  const { me } = useSession();
  return (
    <header className={styles.head}>
      <span className={styles.picture}>
        <Avatar name={channel.display_name} url={channel.avatar_url} size={96} />
      </span>
      <div className={styles.who}>
        <h1 className={styles.name} dir="auto">
          {channel.display_name}
        </h1>
        <p className={styles.detail}>
          <bdi>@{channel.handle}</bdi>
          <span>{t('follow.count', { count: channel.followers })}</span>
        </p>
      </div>
      <div className={styles.act}>
        {me?.id === channel.id ? (
          <ButtonLink href={paths.settings()}>{t('channel.edit')}</ButtonLink>
        ) : (
          <>
            <FollowButton owner={channel} following={channel.following} onChange={onFollow} />
            <ReportButton
              about={{ target: 'account', account_id: channel.id, name: channel.display_name }}
            />
          </>
        )}
      </div>
      {channel.bio !== '' && (
        <p className={styles.bio} dir="auto">
          {channel.bio}
        </p>
      )}
      {channel.links.length > 0 && (
        <ul className={styles.links} aria-label={t('channel.links')}>
          {channel.links.map((link) => (
            <li key={link.url}>
              <a href={link.url} target="_blank" rel="noreferrer nofollow me">
                <Link2 size={14} aria-hidden="true" />
                <bdi>{link.title}</bdi>
              </a>
            </li>
          ))}
        </ul>
      )}
    </header>
  );
}

function Body({ channel }: { channel: Channel }) {
  const { t, locale } = useI18n();
  const name = channel.display_name;
  const live = channel.streams.find((stream) => stream.state !== 'offline');
  const next = nextOf(channel.streams);
  return (
    <>
      {live !== undefined ? (
        <LiveNow stream={live} />
      ) : (
        channel.streams.length > 0 && (
          <section className={styles.offline} aria-label={t('channel.offline', { name })}>
            <p className={styles.offlineTitle}>{t('channel.offline', { name })}</p>
            {next?.scheduled_start == null ? (
              <p className={styles.quiet}>{t('watch.next.none')}</p>
            ) : (
              <p className={styles.next}>
                <CalendarClock size={18} aria-hidden="true" />
                <span>
                  {scheduleText(next.scheduled_start, locale)}:{' '}
                  <Link href={paths.watch(next.name)} className={styles.link}>
                    <bdi>{next.title}</bdi>
                  </Link>
                </span>
              </p>
            )}
          </section>
        )
      )}
      <Section title={t('channel.streams')}>
        {channel.streams.length === 0 ? (
          <p className={styles.quiet}>{t('channel.streams.none', { name })}</p>
        ) : (
          <CardGrid streams={channel.streams} />
        )}
      </Section>
      <PastBroadcasts handle={channel.handle} broadcasts={channel.recent} />
    </>
  );
}

function nextOf(streams: readonly StreamCard[]): StreamCard | undefined {
  const now = Date.now();
  return streams
    .filter(({ scheduled_start: start }) => start !== null && start > now)
    .sort((one, other) => (one.scheduled_start ?? 0) - (other.scheduled_start ?? 0))[0];
}

function Shape() {
  const t = useT();
  return (
    <>
      <div className={styles.head} role="status" aria-label={t('app.loading')}>
        <span className={styles.picture}>
          <Skeleton width="96px" height="96px" />
        </span>
        <div className={styles.who}>
          <Skeleton width="220px" height="32px" />
        </div>
      </div>
      <CardGrid streams={null} shapes={4} />
    </>
  );
}
