import { Plus, Radio, Settings2 } from 'lucide-react';
import { useCallback, useState } from 'react';
import { Link, useSearchParams } from 'wouter';
import { AccessBadge } from '@/components/Badges';
import { Button, ButtonLink } from '@/components/Button';
import { EmptyState } from '@/components/EmptyState';
import { ListProblem, More } from '@/components/ListStates';
import { StatePill } from '@/components/Pill';
import { usePermission } from '@/components/session';
import { Skeleton } from '@/components/Skeleton';
import { Thumbnail } from '@/components/StreamCard';
import { scheduleText, spanText } from '@/components/time';
import { useCursorList } from '@/components/use-cursor-list';
import { useNow } from '@/components/use-now';
import { useTitle } from '@/components/use-title';
import { useTopic } from '@/components/use-topic';
import { paths } from '@/config/routes';
import { ownStreams } from '@/lib/streams/own';
import type { StreamCard } from '@/lib/streams/types';
import { useI18n, useT } from '@/messages/i18n';
import { BecomeCreator } from './BecomeCreator';
import { CreateDialog } from './CreateDialog';
import styles from './StreamsPage.module.css';

/** The own streams, and the way to the first one. */
export function StreamsPage() {
  const t = useT();
  useTitle(t('studio.title'));
  const creator = usePermission('write_own_streams');
  return creator ? <Streams /> : <BecomeCreator />;
}

function Streams() {
  const t = useT();
  const [parameters] = useSearchParams();
  const [creating, setCreating] = useState(() => parameters.has('new'));
  const list = useCursorList<StreamCard>(
    useCallback((cursor, signal) => ownStreams(cursor, signal), []),
  );
  useTopic('streams', ({ event }) => {
    if (event !== 'stream.stats') list.reload();
  });
  const { items } = list;
  const add = (
    <Button look="primary" icon={<Plus size={18} />} onClick={() => setCreating(true)}>
      {t('studio.new')}
    </Button>
  );
  return (
    <div className={styles.page}>
      <header className={styles.header}>
        <h1 className={styles.title}>{t('studio.streams')}</h1>
        {items !== null && items.length > 0 && add}
      </header>
      <ListProblem problem={list.problem} onRetry={list.reload} />
      {items === null && list.problem === null && <Shape />}
      {items?.length === 0 && (
        <EmptyState
          icon={<Radio size={24} />}
          title={t('studio.empty.title')}
          text={t('studio.empty.text')}
          action={add}
        />
      )}
      {items !== null && items.length > 0 && (
        <ul className={styles.list}>
          {items.map((stream) => (
            <Row key={stream.id} stream={stream} />
          ))}
        </ul>
      )}
      <More list={list} />
      <CreateDialog open={creating} onClose={() => setCreating(false)} />
    </div>
  );
}

function Row({ stream }: { stream: StreamCard }) {
  const { t, locale } = useI18n();
  const now = useNow(30_000);
  const title = stream.title === '' ? stream.name : stream.title;
  const { state, live_since: since, scheduled_start: start } = stream;
  return (
    <li className={styles.row}>
      <div className={styles.picture}>
        <Thumbnail stream={stream} />
      </div>
      <div className={styles.words}>
        <h2 className={styles.name}>
          <Link href={paths.studioStream(stream.name)} className={styles.link}>
            <bdi>{title}</bdi>
          </Link>
        </h2>
        <p className={styles.detail}>
          <code className={styles.address}>/{stream.name}</code>
          {state !== 'offline' && since !== null && (
            <span>{t('studio.row.live', { span: spanText(now - since, locale) })}</span>
          )}
          {state === 'offline' && start !== null && start > now && (
            <span>{t('studio.row.scheduled', { time: scheduleText(start, locale) })}</span>
          )}
          {state !== 'offline' && <span>{t('count.viewers', { count: stream.viewers })}</span>}
        </p>
      </div>
      <div className={styles.badges}>
        <AccessBadge access={stream.access} />
        <StatePill state={state} />
      </div>
      <div className={styles.acts}>
        <ButtonLink
          href={paths.studioStream(stream.name, 'details')}
          icon={<Settings2 size={16} />}
        >
          <span>
            {t('studio.section.details')}
            <span className="visually-hidden">: {title}</span>
          </span>
        </ButtonLink>
      </div>
    </li>
  );
}

function Shape() {
  const t = useT();
  return (
    <div className={styles.list} role="status" aria-label={t('app.loading')}>
      {Array.from({ length: 3 }, (_, index) => (
        <div key={index} className={styles.row}>
          <div className={styles.picture}>
            <Skeleton height="100%" />
          </div>
          <div className={styles.words}>
            <Skeleton width="60%" height="20px" />
            <Skeleton width="30%" height="16px" />
          </div>
        </div>
      ))}
    </div>
  );
}
