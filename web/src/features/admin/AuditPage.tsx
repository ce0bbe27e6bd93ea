import { ShieldCheck } from 'lucide-react';
import { useCallback, useState } from 'react';
import { Button } from '@/components/Button';
import { DataTable, type Column } from '@/components/DataTable';
import { PageHead } from '@/components/Panel';
import { Note, ProblemText } from '@/components/ProblemNote';
import { Time } from '@/components/Time';
import { useCursorList } from '@/components/use-cursor-list';
import { asProblem } from '@/components/use-load';
import { usePage } from '@/components/use-page';
import { paths } from '@/config/routes';
import { audit, verifyAudit } from '@/lib/api/admin';
import type { ProblemError } from '@/lib/api/problem';
import type { AuditCheck, AuditEntry } from '@/lib/api/types';
import { hasMessage } from '@/messages/catalogue';
import { useT } from '@/messages/i18n';
import { activity } from '@/messages/en/activity';
import { TextLink } from '@/components/TextLink';
import { Choice, NoMatch, Toolbar } from './Toolbar';
import { dayEnd, dayStart } from './days';
import { useFilters } from './use-filters';
import styles from './AuditPage.module.css';
import bar from './Toolbar.module.css';

const ACTIONS = Object.keys(activity).map((key) => key.replace('activity.', ''));

/** Who did what, in an order that nobody can change unnoticed. */
export default function AuditPage() {
  const t = useT();
  usePage(t('admin.audit'));
  const filters = useFilters({ action: '', actor: '', from: '', to: '' });
  const { values } = filters;
  const load = useCallback(
    (cursor: string | null, signal: AbortSignal) =>
      audit(
        {
          action: values.action,
          actor: values.actor,
          from: dayStart(values.from),
          to: dayEnd(values.to),
          cursor,
        },
        signal,
      ),
    [values],
  );
  const list = useCursorList(load);
  const named = (action: string) => {
    const key = `activity.${action}`;
    return hasMessage(key) ? t(key) : action;
  };

  const columns: Column<AuditEntry>[] = [
    { name: 'at', title: t('admin.audit.at'), cell: ({ at }) => <Time at={at} look="exact" /> },
    { name: 'action', title: t('admin.audit.action'), cell: ({ action }) => named(action) },
    {
      name: 'actor',
      title: t('admin.audit.actor'),
      cell: (entry) =>
        entry.actor_id === null ? (
          t(`admin.actor.${entry.actor_kind}`)
        ) : (
          <TextLink href={paths.admin(`users/${entry.actor_id}`)}>
            {t(`admin.actor.${entry.actor_kind}`)}
          </TextLink>
        ),
    },
    {
      name: 'target',
      title: t('admin.audit.target'),
      cell: (entry) => (
        <span className={styles.target}>
          {entry.target_kind} <code title={entry.target_id}>{entry.target_id.slice(-8)}</code>
        </span>
      ),
    },
    { name: 'address', title: t('admin.audit.address'), cell: ({ address }) => address ?? '–' },
    {
      name: 'detail',
      title: t('admin.audit.detail'),
      cell: ({ detail }) => <Detail value={detail} />,
    },
  ];

  return (
    <>
      <PageHead title={t('admin.audit')} text={t('admin.audit.text')} actions={<Verify />} />
      <Toolbar>
        <Choice
          label={t('admin.audit.any')}
          value={values.action}
          options={ACTIONS.map((value) => ({ value, label: named(value) }))}
          onChoose={(value) => filters.set('action', value)}
        />
        {(['from', 'to'] as const).map((name) => (
          <label key={name} className={styles.day}>
            <span>{t(`admin.audit.${name}`)}</span>
            <input
              type="date"
              className={bar.date}
              value={values[name]}
              onChange={(event) => filters.set(name, event.target.value)}
            />
          </label>
        ))}
      </Toolbar>
      <DataTable
        label={t('admin.audit')}
        columns={columns}
        items={list.items}
        problem={list.problem}
        loading={list.loading}
        more={list.more}
        empty={filters.any ? <NoMatch onClear={filters.clear} /> : <p>{t('admin.audit.empty')}</p>}
        onMore={list.loadMore}
        onRetry={list.reload}
      />
    </>
  );
}

function Detail({ value }: { value: Record<string, unknown> }) {
  const entries = Object.entries(value);
  if (entries.length === 0) return '–';
  const text = entries.map(([name, part]) => `${name}: ${written(part)}`).join(', ');
  return (
    <span className={styles.detail} title={text}>
      {text}
    </span>
  );
}

function written(value: unknown): string {
  return typeof value === 'string' ? value : JSON.stringify(value);
}

/** Walks the chain of hashes: whether an entry was changed or taken out. */
function Verify() {
  const t = useT();
  const [state, setState] = useState<'idle' | 'busy' | AuditCheck | ProblemError>('idle');
  const run = async () => {
    setState('busy');
    try {
      setState(await verifyAudit());
    } catch (error) {
      setState(asProblem(error));
    }
  };
  return (
    <div className={styles.verify}>
      <Button
        icon={<ShieldCheck size={18} />}
        disabled={state === 'busy'}
        onClick={() => void run()}
      >
        {t('admin.audit.verify')}
      </Button>
      {typeof state === 'object' && 'intact' in state && (
        <Note tone={state.intact ? 'good' : 'danger'}>
          {state.intact
            ? t('admin.audit.intact', { count: state.entries })
            : t('admin.audit.broken', { at: state.broken_at ?? 0 })}
        </Note>
      )}
      {state instanceof Error && (
        <Note>
          <ProblemText problem={state} />
        </Note>
      )}
    </div>
  );
}
