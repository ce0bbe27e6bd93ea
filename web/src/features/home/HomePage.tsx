import { Radio, SearchX } from 'lucide-react';
import { useEffect } from 'react';
import { useSearchParams } from 'wouter';
import { ButtonLink, Button } from '@/components/Button';
import { EmptyState } from '@/components/EmptyState';
import { Note, ProblemText } from '@/components/ProblemNote';
import { usePoll } from '@/components/use-poll';
import { paths } from '@/config/routes';
import { liveStreams } from '@/lib/api/client';
import type { StreamInfo } from '@/lib/api/generated/StreamInfo';
import { useT } from '@/messages/i18n';
import { LiveCard, LiveCardSkeleton } from './LiveCard';
import styles from './HomePage.module.css';

/** A new stream is promised here within two seconds. */
const REFRESH_MS = 2000;

export default function HomePage() {
  const t = useT();
  const [parameters] = useSearchParams();
  const query = parameters.get('q') ?? '';
  const { value: streams, problem, refresh } = usePoll(liveStreams, REFRESH_MS);

  useEffect(() => {
    document.title = 'Sluice';
  }, []);

  return (
    <div className={styles.page}>
      <header className={styles.header}>
        <h1 className={styles.title}>{t('home.title')}</h1>
        {streams !== null && streams.length > 0 && (
          <p className={styles.count}>{t('home.count', { count: streams.length })}</p>
        )}
      </header>
      {problem !== null && (
        <Note
          title={t('encoder.unreachable')}
          action={
            <Button look="quiet" onClick={refresh}>
              {t('action.retry')}
            </Button>
          }
        >
          <ProblemText problem={problem} />
        </Note>
      )}
      <Live streams={streams} query={query} failed={problem !== null} />
    </div>
  );
}

function Live({
  streams,
  query,
  failed,
}: {
  streams: StreamInfo[] | null;
  query: string;
  failed: boolean;
}) {
  const t = useT();
  if (streams === null) {
    if (failed) return null;
    return (
      <div className={styles.grid} role="status" aria-label={t('app.loading')}>
        {Array.from({ length: 6 }, (_, index) => (
          <LiveCardSkeleton key={index} />
        ))}
      </div>
    );
  }
  const found = streams.filter((stream) => matches(stream, query));
  if (found.length > 0) {
    return (
      <ul className={styles.grid}>
        {found.map((stream) => (
          <li key={stream.name}>
            <LiveCard stream={stream} />
          </li>
        ))}
      </ul>
    );
  }
  if (query !== '') {
    return (
      <EmptyState
        icon={<SearchX size={24} />}
        title={t('home.noMatch.title', { query })}
        text={t('home.noMatch.text')}
        action={<ButtonLink href={paths.home()}>{t('home.noMatch.action')}</ButtonLink>}
      />
    );
  }
  return (
    <EmptyState
      icon={<Radio size={24} />}
      title={t('home.empty.title')}
      text={t('home.empty.text')}
      action={
        <ButtonLink look="primary" href={paths.studio()}>
          {t('nav.goLive')}
        </ButtonLink>
      }
    />
  );
}

function matches(stream: StreamInfo, query: string): boolean {
  const wanted = query.trim().toLowerCase();
  return `${stream.title} ${stream.name}`.toLowerCase().includes(wanted);
}
