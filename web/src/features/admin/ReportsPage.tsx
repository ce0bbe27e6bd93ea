import '@/messages/areas/reports';
import { Inbox } from 'lucide-react';
import { useCallback, useEffect, useRef, useState, type KeyboardEvent } from 'react';
import { useLocation } from 'wouter';
import { Button } from '@/components/Button';
import { EmptyState } from '@/components/EmptyState';
import { Segmented } from '@/components/Fields';
import { PageHead } from '@/components/Panel';
import { Note, ProblemText } from '@/components/ProblemNote';
import { Skeleton } from '@/components/Skeleton';
import { useCursorList } from '@/components/use-cursor-list';
import { asProblem } from '@/components/use-load';
import { usePage } from '@/components/use-page';
import { usePermission } from '@/components/session';
import type { ProblemError } from '@/lib/api/problem';
import { reports, settleReport, type Report, type ReportStatus } from '@/lib/api/reports';
import { useT } from '@/messages/i18n';
import { hrefOf, ReportCard } from './ReportCard';
import { useFilters } from './use-filters';
import styles from './ReportsPage.module.css';

const STATUSES = ['pending', 'reviewed', 'resolved', 'all'] as const;
type Filter = (typeof STATUSES)[number];
/** Reports do not come every second, and somebody who works the queue looks at it for long. */
const REFRESH_MS = 20_000;

/** The queue of reports; keys move through it and settle. */
export default function ReportsPage() {
  const t = useT();
  usePage(t('admin.reports'));
  const [, navigate] = useLocation();
  const settles = usePermission('settle_reports');
  const filters = useFilters({ status: 'pending' });
  const status = STATUSES.find((name) => name === filters.values.status) ?? 'pending';
  const [pending, setPending] = useState<number | null>(null);
  const [failed, setFailed] = useState<ProblemError | null>(null);
  const box = useRef<HTMLUListElement>(null);
  const list = useCursorList(
    useCallback(
      async (cursor: string | null, signal: AbortSignal) => {
        const page = await reports({ status: status === 'all' ? '' : status, cursor }, signal);
        setPending(page.pending);
        return { ...page, items: page.items.map((one) => ({ ...one, id: one.report_id })) };
      },
      [status],
    ),
  );
  const { items, reload, change } = list;
  useEffect(() => {
    // What is being looked at must not move away: only an empty queue fills by itself.
    if (items === null || items.length > 0) return;
    const timer = setTimeout(reload, REFRESH_MS);
    return () => clearTimeout(timer);
  }, [items, reload]);

  const settle = async (one: Report, to: ReportStatus, note?: string) => {
    try {
      const { body } = await settleReport(
        one.report_id,
        { status: to, ...(note === undefined ? {} : { note }) },
        one.version,
      );
      focusBeside(box.current, one.report_id);
      change((all) =>
        status === 'all' || status === to
          ? all.map((other) => (other.report_id === one.report_id ? { ...other, ...body } : other))
          : all.filter((other) => other.report_id !== one.report_id),
      );
      setPending((now) => now && now + Number(to === 'pending') - Number(one.status === 'pending'));
      setFailed(null);
    } catch (error) {
      setFailed(asProblem(error));
    }
  };
  const onKeyDown = (event: KeyboardEvent) => {
    if (event.ctrlKey || event.metaKey || event.target instanceof HTMLTextAreaElement) return;
    const cards = cardsOf(box.current);
    const at = cards.findIndex((card) => card.contains(document.activeElement));
    const one = items?.find(({ report_id: id }) => id === cards[at]?.dataset.report);
    const key = event.key.toLowerCase();
    if (key === 'j') cards[Math.min(cards.length - 1, at + 1)]?.focus();
    else if (key === 'k') cards[Math.max(0, at - 1)]?.focus();
    else if (one === undefined) return;
    else if (key === 'o') navigate(hrefOf(one) ?? '');
    else if (key === 'r' && settles) void settle(one, 'reviewed');
    else if (key === 'e' && settles) void settle(one, 'resolved');
    else return;
    event.preventDefault();
  };

  return (
    <>
      <PageHead
        title={t('admin.reports')}
        text={t('admin.reports.text')}
        actions={
          pending !== null && (
            <p className={styles.pending} role="status" data-any={pending > 0}>
              {t('admin.reports.pending', { count: pending })}
            </p>
          )
        }
      />
      <div className={styles.filter}>
        <Segmented<Filter>
          label={t('admin.reports.filter')}
          value={status}
          wrap
          options={STATUSES.map((value) => ({
            value,
            label: t(`admin.reports.status.${value}`),
          }))}
          onChoose={(value) => filters.set('status', value)}
        />
      </div>
      {(failed ?? list.problem) !== null && (
        <Note
          action={
            <Button look="quiet" onClick={reload}>
              {t('action.retry')}
            </Button>
          }
        >
          <ProblemText problem={(failed ?? list.problem) as ProblemError} />
        </Note>
      )}
      {items === null && list.problem === null && <Skeleton height="240px" />}
      {items?.length === 0 && (
        <EmptyState
          icon={<Inbox size={24} />}
          title={t('admin.reports.empty.title')}
          text={t('admin.reports.empty.text')}
        />
      )}
      <ul
        ref={box}
        className={styles.queue}
        aria-label={t('admin.reports.list')}
        onKeyDown={onKeyDown}
      >
        {items?.map((one) => (
          <ReportCard
            key={one.report_id}
            report={one}
            settles={settles}
            onSettle={(to, note) => void settle(one, to, note)}
          />
        ))}
      </ul>
      {list.more && (
        <Button disabled={list.loading} onClick={list.loadMore}>
          {t('action.more')}
        </Button>
      )}
    </>
  );
}

function cardsOf(box: HTMLElement | null): HTMLElement[] {
  return [...(box?.querySelectorAll<HTMLElement>('[data-report]') ?? [])];
}

/** The next one, so that a queue is worked through without the mouse. */
function focusBeside(box: HTMLElement | null, id: string): void {
  const cards = cardsOf(box);
  const at = cards.findIndex(({ dataset }) => dataset.report === id);
  if (cards[at]?.contains(document.activeElement) === true)
    (cards[at + 1] ?? cards[at - 1])?.focus();
}
