import '@/messages/areas/home';
import { Radio } from 'lucide-react';
import { useCallback } from 'react';
import { ButtonLink } from '@/components/Button';
import { CardGrid } from '@/components/CardGrid';
import { EmptyState } from '@/components/EmptyState';
import { ListProblem, More } from '@/components/ListStates';
import { Section } from '@/components/Section';
import { useCursorList, type CursorList } from '@/components/use-cursor-list';
import { useLoad } from '@/components/use-load';
import { useSession } from '@/components/session';
import { useTitle } from '@/components/use-title';
import { useTopic } from '@/components/use-topic';
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
import { nameOf, offline, useLiveList } from './use-live-list';
import styles from './HomePage.module.css';

const LIVE: StreamQuery = { live: true, sort: 'viewers', limit: 24 };

const CHOSEN = 3;

/** Featured streams that are live; one that ends while it is looked at stays in its place. */
async function chosenNow(signal: AbortSignal): Promise<StreamCard[]> {
  const { items } = await featuredStreams(signal);
  return items.filter((stream) => stream.state !== 'offline').slice(0, CHOSEN);
}

/** What is live, what is chosen, whom one follows, what comes. */
export default function HomePage() {
  const t = useT();
  useTitle(null);
  const { me } = useSession();
  const live = useCursorList<StreamCard>(
    useCallback((cursor, signal) => listStreams({ ...LIVE, cursor }, signal), []),
  );
  useLiveList(live, LIVE);
  const featured = useLoad(chosenNow);
  useTopic('streams', ({ event, data }) => {
    if (event === 'stream.offline')
      featured.set((items) =>
        items.map((item) => (item.name === nameOf(data) ? offline(item) : item)),
      );
  });
  const shelves = useLoad(categories);

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
      {featured.value !== null && featured.value.length > 0 && (
        <Featured streams={featured.value} />
      )}
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
