import { useCallback, useState } from 'react';
import { Button } from '@/components/Button';
import { ConfirmDialog } from '@/components/ConfirmDialog';
import { DataTable, type Column } from '@/components/DataTable';
import { PageHead } from '@/components/Panel';
import { StatePill } from '@/components/Pill';
import { Time } from '@/components/Time';
import { useCursorList } from '@/components/use-cursor-list';
import { usePage } from '@/components/use-page';
import { paths } from '@/config/routes';
import { adminStreams, endBroadcast } from '@/lib/api/admin';
import type { StreamCard } from '@/lib/api/types';
import { useI18n } from '@/messages/i18n';
import { Choice, NoMatch, SearchBox, Toolbar } from './Toolbar';
import { useFilters } from './use-filters';
import { useSettled } from './use-settled';
import styles from './people.module.css';

export default function StreamsPage() {
  const { t, locale } = useI18n();
  usePage(t('admin.streams'));
  const filters = useFilters({ q: '', live: '', sort: 'recent' });
  const query = useSettled(filters.values);
  const load = useCallback(
    (cursor: string | null, signal: AbortSignal) => adminStreams({ ...query, cursor }, signal),
    [query],
  );
  const list = useCursorList(load);
  const [ending, setEnding] = useState<StreamCard | null>(null);
  const numbers = new Intl.NumberFormat(locale);

  const columns: Column<StreamCard>[] = [
    {
      name: 'title',
      title: t('admin.streams.title'),
      sort: { value: 'title', falling: false },
      cell: (stream) => (
        <span className={styles.who}>
          <strong>{stream.title}</strong>
          <span>{stream.name}</span>
        </span>
      ),
    },
    { name: 'owner', title: t('admin.streams.owner'), cell: ({ owner }) => `@${owner.handle}` },
    {
      name: 'state',
      title: t('admin.users.state'),
      cell: ({ state }) => <StatePill state={state} />,
    },
    {
      name: 'viewers',
      title: t('admin.streams.viewers'),
      sort: { value: 'viewers', falling: true },
      align: 'end',
      cell: ({ viewers }) => numbers.format(viewers),
    },
    {
      name: 'access',
      title: t('admin.streams.access'),
      cell: ({ access }) => t(`admin.access.${access}`),
    },
    {
      name: 'since',
      title: t('admin.streams.since'),
      cell: ({ live_since: at }) => (at === null ? '–' : <Time at={at} />),
    },
    {
      name: 'act',
      title: t('admin.streams.act'),
      align: 'end',
      cell: (stream) =>
        stream.state === 'offline' ? null : (
          <Button
            look="quiet"
            aria-label={t('admin.streams.endOne', { title: stream.title })}
            onClick={() => setEnding(stream)}
          >
            {t('admin.streams.end')}
          </Button>
        ),
    },
  ];

  return (
    <>
      <PageHead title={t('admin.streams')} />
      <Toolbar>
        <SearchBox
          label={t('admin.streams.search')}
          value={filters.values.q}
          onChange={(value) => filters.set('q', value)}
        />
        <Choice
          label={t('admin.streams.any')}
          value={filters.values.live}
          options={[{ value: 'true', label: t('admin.streams.live') }]}
          onChoose={(value) => filters.set('live', value)}
        />
      </Toolbar>
      <DataTable
        label={t('admin.streams')}
        columns={columns}
        items={list.items}
        problem={list.problem}
        loading={list.loading}
        more={list.more}
        sorted={filters.values.sort}
        hrefOf={({ name }) => paths.watch(name)}
        empty={
          filters.any ? <NoMatch onClear={filters.clear} /> : <p>{t('admin.streams.empty')}</p>
        }
        onSort={(value) => filters.set('sort', value)}
        onMore={list.loadMore}
        onRetry={list.reload}
      />
      {ending !== null && (
        <ConfirmDialog
          title={t('admin.streams.endOne', { title: ending.title })}
          action={t('admin.streams.end')}
          typed={ending.name}
          onConfirm={async () => {
            await endBroadcast(ending.name);
            list.reload();
          }}
          onClose={() => setEnding(null)}
        >
          <p>{t('admin.streams.end.text')}</p>
        </ConfirmDialog>
      )}
    </>
  );
}
