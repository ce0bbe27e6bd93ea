import { Check, ExternalLink, Eye, RotateCcw } from 'lucide-react';
import { useState } from 'react';
import { Button, ButtonLink } from '@/components/Button';
import { Excerpt } from '@/components/Excerpt';
import { TextArea } from '@/components/Fields';
import { Pill } from '@/components/Pill';
import { TextLink } from '@/components/TextLink';
import { Time } from '@/components/Time';
import { usePermission } from '@/components/session';
import { paths } from '@/config/routes';
import type { Report, ReportStatus } from '@/lib/api/reports';
import { useT } from '@/messages/i18n';
import styles from './ReportsPage.module.css';

const TONES = { pending: 'warn', reviewed: 'quiet', resolved: 'good' } as const;
const MOST_NOTE = 2000;

/** Where what was reported can be looked at. */
export function hrefOf(report: Report): string | null {
  if (report.target === 'account')
    return report.account === null ? null : paths.channel(report.account.handle);
  return report.stream_name === null ? null : paths.watch(report.stream_name);
}

/** One report: what, by whom, about whom, and what becomes of it. */
export function ReportCard({
  report,
  settles,
  onSettle,
}: {
  report: Report;
  settles: boolean;
  onSettle(status: ReportStatus, note?: string): void;
}) {
  const t = useT();
  const [note, setNote] = useState(report.note);
  const reads = usePermission('read_accounts');
  const href = hrefOf(report);
  const changed = note.trim() === report.note ? undefined : note.trim();
  return (
    <li>
      <article
        className={styles.card}
        tabIndex={0}
        data-report={report.report_id}
        aria-label={`${t(`admin.reports.target.${report.target}`)}: ${report.excerpt}`}
      >
        <header className={styles.head}>
          <Pill tone={TONES[report.status]}>{t(`admin.reports.status.${report.status}`)}</Pill>
          <strong>{t(`report.${report.report_type}`)}</strong>
          <span className={styles.quiet}>
            {t(`admin.reports.target.${report.target}`)}
            {report.stream_name !== null && ` · ${report.stream_name}`}
          </span>
          <span className={styles.when}>
            <Time at={report.created_at} />
          </span>
        </header>
        {report.excerpt !== '' && (
          <Excerpt label={t('admin.reports.excerpt')}>
            {report.account !== null && (
              <>
                <bdi className={styles.author}>{report.account.display_name}</bdi>{' '}
              </>
            )}
            {report.excerpt}
          </Excerpt>
        )}
        {report.description !== '' && <p dir="auto">{report.description}</p>}
        <p className={styles.quiet}>
          {report.reporter === null
            ? t('admin.reports.of.gone')
            : t('admin.reports.of', { name: report.reporter.display_name })}
          {report.account !== null && reads && (
            <>
              {' · '}
              <TextLink href={paths.admin(`users/${report.account.id}`)}>
                {t('admin.reports.open.account')}
              </TextLink>
            </>
          )}
          {report.status !== 'pending' &&
            report.moderator !== null &&
            ` · ${t('admin.reports.settled', {
              status: t(`admin.reports.status.${report.status}`),
              name: report.moderator.display_name,
            })}`}
        </p>
        {settles && (
          <TextArea
            label={t('admin.reports.note')}
            rows={1}
            maxLength={MOST_NOTE}
            dir="auto"
            value={note}
            onChange={({ target }) => setNote(target.value)}
          />
        )}
        <div className={styles.acts}>
          {settles && report.status !== 'resolved' && (
            <Button
              look="primary"
              icon={<Check size={16} />}
              onClick={() => onSettle('resolved', changed)}
            >
              {t('admin.reports.resolve')}
            </Button>
          )}
          {settles && report.status === 'pending' && (
            <Button icon={<Eye size={16} />} onClick={() => onSettle('reviewed', changed)}>
              {t('admin.reports.review')}
            </Button>
          )}
          {settles && report.status !== 'pending' && (
            <Button icon={<RotateCcw size={16} />} onClick={() => onSettle('pending', changed)}>
              {t('admin.reports.reopen')}
            </Button>
          )}
          {href !== null && (
            <ButtonLink href={href} icon={<ExternalLink size={16} />}>
              {t(
                report.target === 'account'
                  ? 'admin.reports.open.account'
                  : 'admin.reports.open.stream',
              )}
            </ButtonLink>
          )}
        </div>
      </article>
    </li>
  );
}
