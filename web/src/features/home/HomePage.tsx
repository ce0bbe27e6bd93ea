import '@/messages/areas/home';
import { Radio } from 'lucide-react';
import { useCallback, useMemo } from 'react';
import { ButtonLink } from '@/components/Button';
import { CardGrid } from '@/components/CardGrid';
import { EmptyState } from '@/components/EmptyState';
import { ListProblem, More } from '@/components/ListStates';
import { Section } from '@/components/Section';
import { useCursorList, type CursorList } from '@/components/use-cursor-list';
import { useLoad } from '@/components/use-load';
import { useSession } from '@/components/session';
import { useTitle } from '@/components/use-title';
import { paths } from '@/config/routes';
import {
  categories,
  featuredStreams,
  listStreams,
  type StreamQuery,
} from '@/lib/streams/catalogue';
import type { StreamCard } from '@/lib/streams/types';
import { useT } from '@/messages/i18n';
import { Categories } from './Categories';
import { Featured } from './Featured';
import { Following } from './Following';
import { Soon } from './Soon';
import { useLiveList } from './use-live-list';
import styles from './HomePage.module.css';

const LIVE: StreamQuery = { live: true, sort: 'viewers', limit: 24 };

/** What is live, what is chosen, whom one follows, what comes. */
export default function HomePage() {
  const t = useT();
  useTitle(null);
  const { me } = useSession();
  const live = useCursorList<StreamCard>(
    useCallback((cursor, signal) => listStreams({ ...LIVE, cursor }, signal), []),
  );
  useLiveList(live, LIVE);
  const featured = useLoad(featuredStreams);
  const shelves = useLoad(categories);
  const chosen = useMemo(
    () => (featured.value?.items ?? []).filter((stream) => stream.state !== 'offline').slice(0, 3),
    [featured.value],
  );

  return (
    <div className={styles.page}>
      <h1 className="visually-hidden">{t('nav.home')}</h1>
      <ListProblem
        problem={live.problem}
        title={t('home.unreachable')}
        onRetry={() => {
          live.reload();
          featured.reload();
          shelves.reload();
        }}
      />
      {chosen.length > 0 && <Featured streams={chosen} />}
      <Categories categories={shelves.value} failed={shelves.problem !== null} />
      {me !== null && <Following />}
      <Live list={live} />
      <Soon />
    </div>
  );
}

function Live({ list }: { list: CursorList<StreamCard> }) {
  const t = useT();
  const { items, problem, more } = list;
  if (items === null && problem !== null) return null;
  const count = items?.filter((stream) => stream.state !== 'offline').length ?? 0;
  return (
    <Section
      title={t('home.title')}
      note={count > 0 && !more ? t('home.count', { count }) : undefined}
    >
      {items?.length === 0 ? (
        <EmptyState
          level={3}
          icon={<Radio size={24} />}
          title={t('home.empty.title')}
          text={t('home.empty.text')}
          action={
            <ButtonLink look="primary" href={paths.studio()}>
              {t('nav.goLive')}
            </ButtonLink>
          }
        />
      ) : (
        <CardGrid streams={items} />
      )}
      <More list={list} />
    </Section>
  );
}
