import '@/messages/areas/home';
import { Shapes } from 'lucide-react';
import { useCallback, useMemo } from 'react';
import { ButtonLink } from '@/components/Button';
import { CardGrid } from '@/components/CardGrid';
import { EmptyState } from '@/components/EmptyState';
import { ListProblem, More } from '@/components/ListStates';
import { Section } from '@/components/Section';
import { useCursorList, type CursorList } from '@/components/use-cursor-list';
import { useLoad } from '@/components/use-load';
import { useTitle } from '@/components/use-title';
import { paths } from '@/config/routes';
import { categories, listStreams, type StreamQuery } from '@/lib/streams/catalogue';
import type { StreamCard } from '@/lib/streams/types';
import { useT } from '@/messages/i18n';
import { useLiveList } from './use-live-list';
import styles from './HomePage.module.css';

/** One category: what is live in it, then what is not. */
export default function CategoryPage({ slug }: { slug: string }) {
  const t = useT();
  const { value, problem } = useLoad(categories);
  const found = value?.find((category) => category.slug === slug);
  const name = found?.name ?? (value === null ? '' : slug);
  const live = useCategory(slug, true);
  const offline = useCategory(slug, false);
  useTitle(name === '' ? null : name);

  if (value !== null && found === undefined)
    return (
      <EmptyState
        level={1}
        icon={<Shapes size={24} />}
        title={t('category.missing')}
        text={t('category.empty.text')}
        action={<ButtonLink href={paths.home()}>{t('category.empty.action')}</ButtonLink>}
      />
    );
  const nothing = live.items?.length === 0 && offline.items?.length === 0;
  return (
    <div className={styles.page}>
      <header className={styles.heading}>
        <h1 className={styles.title} dir="auto">
          {name === '' ? slug : name}
        </h1>
        {live.items !== null && live.items.length > 0 && !live.more && (
          <p className={styles.count}>{t('home.categories.live', { count: live.items.length })}</p>
        )}
      </header>
      <ListProblem problem={live.problem ?? problem} onRetry={live.reload} />
      {nothing ? (
        <EmptyState
          icon={<Shapes size={24} />}
          title={t('category.empty.title', { name })}
          text={t('category.empty.text')}
          action={<ButtonLink href={paths.home()}>{t('category.empty.action')}</ButtonLink>}
        />
      ) : (
        <>
          {(live.items === null ? live.problem === null : live.items.length > 0) && (
            <Section title={t('category.live')}>
              <CardGrid streams={live.items} />
              <More list={live} />
            </Section>
          )}
          {offline.items !== null && offline.items.length > 0 && (
            <Section title={t('category.offline')}>
              <CardGrid streams={offline.items} />
              <More list={offline} />
            </Section>
          )}
        </>
      )}
    </div>
  );
}

function useCategory(slug: string, isLive: boolean): CursorList<StreamCard> {
  const query = useMemo<StreamQuery>(
    () => ({ category: slug, live: isLive, sort: isLive ? 'viewers' : 'recent', limit: 24 }),
    [slug, isLive],
  );
  const list = useCursorList<StreamCard>(
    useCallback((cursor, signal) => listStreams({ ...query, cursor }, signal), [query]),
  );
  useLiveList(list, query);
  return list;
}
