import '@/messages/areas/home';
import { SearchX, X } from 'lucide-react';
import { useCallback, useMemo } from 'react';
import { useLocation, useSearch } from 'wouter';
import { Button } from '@/components/Button';
import { CardGrid } from '@/components/CardGrid';
import { EmptyState } from '@/components/EmptyState';
import { Segmented, SelectField } from '@/components/Fields';
import { ListProblem, More } from '@/components/ListStates';
import { useCursorList } from '@/components/use-cursor-list';
import { useLoad } from '@/components/use-load';
import { useTitle } from '@/components/use-title';
import { paths } from '@/config/routes';
import { categories, listStreams, SORTS, type Sort } from '@/lib/streams/catalogue';
import type { StreamCard } from '@/lib/streams/types';
import { useT } from '@/messages/i18n';
import { filtersOf, parametersOf, queryOf, type Filters } from './filters';
import { useLiveList } from './use-live-list';
import page from './HomePage.module.css';
import styles from './SearchPage.module.css';

/** Streams by words, category, tag and state. */
export default function SearchPage() {
  const t = useT();
  const search = useSearch();
  const filters = useMemo(() => filtersOf(new URLSearchParams(search)), [search]);
  const query = useMemo(() => queryOf(filters), [filters]);
  const list = useCursorList<StreamCard>(
    useCallback((cursor, signal) => listStreams({ ...query, cursor }, signal), [query]),
  );
  useLiveList(list, query);
  const title = filters.q === '' ? t('search.title') : t('search.titleFor', { query: filters.q });
  useTitle(title);
  const count = list.items?.length ?? 0;

  return (
    <div className={page.page}>
      <header className={page.heading}>
        <h1 className={page.title} dir="auto">
          {title}
        </h1>
        <p className={page.count} role="status">
          {list.items !== null && t(list.more ? 'search.resultsMore' : 'search.results', { count })}
        </p>
      </header>
      <FilterBar filters={filters} />
      <ListProblem problem={list.problem} onRetry={list.reload} />
      {count === 0 && list.items !== null ? (
        <Nothing filters={filters} />
      ) : (
        (list.items !== null || list.problem === null) && (
          <CardGrid streams={list.items} level={2} />
        )
      )}
      <More list={list} />
    </div>
  );
}

function useFilter(filters: Filters): (change: Partial<Filters>) => void {
  const [, navigate] = useLocation();
  return (change) =>
    navigate(paths.search(parametersOf({ ...filters, ...change })), { replace: true });
}

function FilterBar({ filters }: { filters: Filters }) {
  const t = useT();
  const choose = useFilter(filters);
  const { value } = useLoad(categories);
  const known = value ?? [];
  const options = [
    { value: '', label: t('search.category.all') },
    ...known.map(({ slug, name }) => ({ value: slug, label: name })),
    // A category of the address that is not loaded yet, or gone, is still the one in force.
    ...(filters.category === '' || known.some(({ slug }) => slug === filters.category)
      ? []
      : [{ value: filters.category, label: filters.category }]),
  ];
  return (
    <form
      className={styles.filters}
      aria-label={t('search.filters')}
      onSubmit={(event) => event.preventDefault()}
    >
      <div className={styles.status}>
        <Segmented<Filters['status']>
          label={t('search.status')}
          value={filters.status}
          options={[
            { value: 'all', label: t('search.status.all') },
            { value: 'live', label: t('search.status.live') },
            { value: 'offline', label: t('search.status.offline') },
          ]}
          onChoose={(status) => choose({ status })}
        />
      </div>
      <SelectField
        label={t('search.category')}
        options={options}
        value={filters.category}
        onChoose={(category) => choose({ category })}
      />
      <SelectField
        label={t('search.sort')}
        options={SORTS.map((sort) => ({ value: sort, label: t(`search.sort.${sort}`) }))}
        value={filters.sort}
        onChoose={(sort) => choose({ sort: sort as Sort })}
      />
      {filters.tag !== '' && (
        <button
          type="button"
          className={styles.tag}
          aria-label={t('search.tag.remove', { tag: filters.tag })}
          onClick={() => choose({ tag: '' })}
        >
          <bdi>{t('search.tag', { tag: filters.tag })}</bdi>
          <X size={14} aria-hidden="true" />
        </button>
      )}
    </form>
  );
}

function Nothing({ filters }: { filters: Filters }) {
  const t = useT();
  const choose = useFilter(filters);
  const filtered = Object.keys(parametersOf({ ...filters, q: '' })).length > 0;
  return (
    <EmptyState
      icon={<SearchX size={24} />}
      title={t('search.empty.title')}
      text={t('search.empty.text')}
      action={
        filtered && (
          <Button onClick={() => choose({ status: 'all', category: '', tag: '', sort: 'viewers' })}>
            {t('search.empty.action')}
          </Button>
        )
      }
    />
  );
}
