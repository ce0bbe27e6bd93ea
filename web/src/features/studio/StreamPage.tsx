import '@/messages/areas/studio';
import { ArrowLeft, ExternalLink } from 'lucide-react';
import { useCallback, useEffect, useRef, useState, type ReactNode } from 'react';
import { Link } from 'wouter';
import { AccessBadge } from '@/components/Badges';
import { ButtonLink } from '@/components/Button';
import { ConflictDialog } from '@/components/ConflictDialog';
import { EmptyState } from '@/components/EmptyState';
import { ListProblem } from '@/components/ListStates';
import { StatePill } from '@/components/Pill';
import { Skeleton } from '@/components/Skeleton';
import { useRecord } from '@/components/use-record';
import { useTitle } from '@/components/use-title';
import { paths, STUDIO_SECTIONS } from '@/config/routes';
import type { StreamState } from '@/lib/api/types';
import { ownStream, updateStream } from '@/lib/streams/own';
import type { Stream, StreamEdit } from '@/lib/streams/types';
import { useT } from '@/messages/i18n';
import { BroadcastsSection } from './BroadcastsSection';
import { DetailsSection } from './DetailsSection';
import { GoLiveSection, type LiveChatSlot } from './GoLiveSection';
import { KeysSection } from './KeysSection';
import { RecordingsSection } from './RecordingsSection';
import { useStudioNews } from './use-studio-news';
import styles from './StreamPage.module.css';

/** One own stream: going live on it, its keys, its details, what was. */
export default function StreamPage({
  stream: name,
  section,
  chat,
  liveChat,
}: {
  stream: string;
  section: string | undefined;
  /** The desk and the settings of its chat. */
  chat?: (stream: Stream) => ReactNode;
  /** The chat alone, over the connection that publishes. */
  liveChat?: LiveChatSlot;
}) {
  const t = useT();
  const here = STUDIO_SECTIONS.find((known) => known === section) ?? 'live';
  const [id, setId] = useState<string | null>(null);
  const record = useRecord<Stream, StreamEdit>(
    useCallback(
      async (signal?: AbortSignal) => {
        // The name may be changed by what is saved here; the id stays.
        const answer = await ownStream(id ?? name, signal);
        setId(answer.body.id);
        return answer;
      },
      [id, name],
    ),
    useCallback(
      (change: StreamEdit, ifMatch: string | null) => updateStream(id ?? name, change, ifMatch),
      [id, name],
    ),
  );
  const { value, problem } = record;
  // A form that is being filled in keeps what it was filled from: saving tells of the conflict.
  const news = useStudioNews(value, here === 'details' ? nothing : record.reload);
  const sections = useRef<HTMLElement>(null);
  const shown = value !== null;
  // On a phone the row scrolls; where one is has to be in view.
  useEffect(() => {
    const row = sections.current;
    const link = row?.querySelector<HTMLElement>('[aria-current]');
    if (row != null && link != null)
      row.scrollLeft = link.offsetLeft - (row.clientWidth - link.offsetWidth) / 2;
  }, [here, shown]);
  useTitle(value === null ? t('studio.title') : `${value.title} · ${t('studio.title')}`);

  if (value === null && problem === null) return <Shape />;
  if (value === null && problem?.status !== 404)
    return (
      <div className={styles.page}>
        <ListProblem problem={problem} onRetry={record.reload} />
      </div>
    );
  if (value?.editable !== true)
    return (
      <EmptyState
        level={1}
        title={t('studio.missing.title')}
        text={t('studio.missing.text')}
        action={
          <ButtonLink look="primary" href={paths.studio()}>
            {t('studio.missing.action')}
          </ButtonLink>
        }
      />
    );
  const stream: Stream = { ...value, state: news.state, viewers: news.viewers };
  return (
    <div className={styles.page}>
      <Head
        stream={stream}
        // What publishes is not offline, although no picture of it has come yet.
        state={news.connected && news.state === 'offline' ? 'starting' : news.state}
      />
      <nav ref={sections} className={styles.sections} aria-label={t('studio.sections')}>
        {STUDIO_SECTIONS.map((known) => (
          <Link
            key={known}
            href={paths.studioStream(name, known)}
            className={styles.section}
            aria-current={known === here ? 'page' : undefined}
          >
            {t(`studio.section.${known}`)}
          </Link>
        ))}
      </nav>
      {here === 'live' && (
        <GoLiveSection stream={stream} news={news} liveChat={liveChat} onSave={record.save} />
      )}
      {here === 'chat' && chat?.(stream)}
      {here === 'keys' && <KeysSection stream={stream} round={news.keyRound} />}
      {here === 'details' && (
        <DetailsSection stream={value} onSave={record.save} onReload={record.reload} />
      )}
      {here === 'recordings' && <RecordingsSection stream={stream} onSave={record.save} />}
      {here === 'broadcasts' && <BroadcastsSection stream={stream} />}
      <ConflictDialog
        conflict={record.conflict}
        labels={{
          title: t('studio.field.title'),
          description: t('studio.field.description'),
          category: t('studio.field.category'),
          tags: t('studio.field.tags'),
          access: t('studio.field.access'),
          maturity: t('studio.field.maturity'),
          language: t('studio.field.language'),
          scheduled_start: t('studio.field.schedule'),
        }}
      />
    </div>
  );
}

function Head({ stream, state }: { stream: Stream; state: StreamState }) {
  const t = useT();
  const title = stream.title === '' ? stream.name : stream.title;
  return (
    <header className={styles.head}>
      <Link href={paths.studio()} className={styles.back}>
        <ArrowLeft size={16} aria-hidden="true" />
        {t('studio.streams')}
      </Link>
      <div className={styles.titleRow}>
        <h1 className={styles.title} dir="auto" title={title}>
          {title}
        </h1>
        <p className={styles.badges}>
          <StatePill state={state} />
          <AccessBadge access={stream.access} />
          <a
            className={styles.watch}
            href={paths.watch(stream.name)}
            target="_blank"
            rel="noreferrer"
          >
            {t('studio.watchPage')}
            <ExternalLink size={14} aria-hidden="true" />
          </a>
        </p>
      </div>
    </header>
  );
}

function Shape() {
  const t = useT();
  return (
    <div className={styles.page} role="status" aria-label={t('app.loading')}>
      <div className={styles.head}>
        <Skeleton width="120px" height="20px" />
        <Skeleton width="60%" height="34px" />
      </div>
      <Skeleton width="360px" height="44px" />
      <Skeleton height="320px" />
    </div>
  );
}

const nothing = () => undefined;
