import '@/messages/areas/recordings';
import { useCallback } from 'react';
import { DataTable, type Column } from '@/components/DataTable';
import { PageHead } from '@/components/Panel';
import { Pill } from '@/components/Pill';
import { Time } from '@/components/Time';
import { durationText, sizeText } from '@/components/units';
import { useCursorList } from '@/components/use-cursor-list';
import { usePage } from '@/components/use-page';
import { paths } from '@/config/routes';
import { allRecordings } from '@/lib/recordings/api';
import type { RecordingCard } from '@/lib/recordings/types';
import { useI18n } from '@/messages/i18n';
import { Choice, NoMatch, Toolbar } from './Toolbar';
import { useFilters } from './use-filters';
import styles from './people.module.css';

/** Every recording of the organisation, the newest first: whose it is and what room it takes. */
export default function RecordingsPage() {
  const { t, locale } = useI18n();
  usePage(t('admin.recordings'));
  const filters = useFilters({ deleted: '' });
  const deleted = filters.values.deleted === 'true';
  const list = useCursorList<RecordingCard>(
    useCallback((cursor, signal) => allRecordings(deleted, cursor, signal), [deleted]),
  );
  const columns: Column<RecordingCard>[] = [
    {
      name: 'title',
      title: t('admin.recordings.title'),
      cell: (recording) => (
        <span className={styles.who}>
          <strong>{recording.title}</strong>
          <span>{recording.stream.name}</span>
        </span>
      ),
    },
    { name: 'owner', title: t('admin.streams.owner'), cell: ({ owner }) => `@${owner.handle}` },
    {
      name: 'state',
      title: t('admin.users.state'),
      cell: ({ state, failure }) => (
        <span title={failure ?? undefined}>
          <Pill tone={state === 'failed' || failure !== null ? 'warn' : 'quiet'}>
            {t(`recording.state.${state}`)}
          </Pill>
        </span>
      ),
    },
    {
      name: 'visibility',
      title: t('recordings.field.visibility'),
      cell: ({ visibility }) => t(`recording.visibility.${visibility}`),
    },
    {
      name: 'length',
      title: t('recordings.length'),
      align: 'end',
      cell: ({ duration_ms: length }) => durationText(length),
    },
    {
      name: 'size',
      title: t('recordings.size'),
      align: 'end',
      cell: ({ size_bytes: size }) => sizeText(size, locale),
    },
    {
      name: 'recorded',
      title: t('recordings.recorded'),
      cell: ({ started_at: at }) => <Time at={at} />,
    },
  ];
  return (
    <>
      <PageHead title={t('admin.recordings')} />
      <Toolbar>
        <Choice
          label={t('recordings.current')}
          value={filters.values.deleted}
          options={[{ value: 'true', label: t('recordings.deleted') }]}
          onChoose={(value) => filters.set('deleted', value)}
        />
      </Toolbar>
      <DataTable
        label={t('admin.recordings')}
        columns={columns}
        items={list.items}
        problem={list.problem}
        loading={list.loading}
        more={list.more}
        hrefOf={({ id }) => paths.recording(id)}
        empty={
          filters.any ? <NoMatch onClear={filters.clear} /> : <p>{t('admin.recordings.empty')}</p>
        }
        onMore={list.loadMore}
        onRetry={list.reload}
      />
    </>
  );
}
