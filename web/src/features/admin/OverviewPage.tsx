import { Link } from 'wouter';
import { Button } from '@/components/Button';
import { PageHead } from '@/components/Panel';
import { Note, ProblemText } from '@/components/ProblemNote';
import { Skeleton } from '@/components/Skeleton';
import { usePoll } from '@/components/use-poll';
import { usePage } from '@/components/use-page';
import { paths } from '@/config/routes';
import { overview } from '@/lib/api/admin';
import type { Overview } from '@/lib/api/types';
import { useI18n } from '@/messages/i18n';
import styles from './OverviewPage.module.css';

/** Numbers of a running server move; more often would only flicker. */
const REFRESH_MS = 10_000;

const TILES: { name: keyof Overview; href?: string; live?: boolean }[] = [
  { name: 'viewers', live: true },
  { name: 'live_streams', href: paths.admin('streams?live=true'), live: true },
  { name: 'sessions', live: true },
  { name: 'accounts', href: paths.admin('users') },
  { name: 'disabled_accounts', href: paths.admin('users?state=disabled') },
  { name: 'streams', href: paths.admin('streams') },
  { name: 'reports_pending' },
  { name: 'mails_waiting', href: paths.admin('mails') },
];

export default function OverviewPage() {
  const { t, locale } = useI18n();
  usePage(t('admin.overview'));
  const { value, problem, refresh } = usePoll(overview, REFRESH_MS);
  const numbers = new Intl.NumberFormat(locale);
  return (
    <>
      <PageHead title={t('admin.overview')} text={t('admin.overview.text')} />
      {problem !== null && (
        <Note
          action={
            <Button look="quiet" onClick={refresh}>
              {t('action.retry')}
            </Button>
          }
        >
          <ProblemText problem={problem} />
        </Note>
      )}
      <dl className={styles.tiles}>
        {TILES.map(({ name, href, live }) => (
          <div
            key={name}
            className={styles.tile}
            data-live={live === true && (value?.[name] ?? 0) > 0}
          >
            <dt>
              {href === undefined ? (
                t(`admin.number.${name}`)
              ) : (
                <Link href={href} className={styles.link}>
                  {t(`admin.number.${name}`)}
                </Link>
              )}
            </dt>
            <dd className={styles.value}>
              {value === null ? (
                <Skeleton height="34px" width="80px" />
              ) : (
                numbers.format(value[name])
              )}
            </dd>
            <dd className={styles.note}>{t(`admin.number.${name}.text`)}</dd>
          </div>
        ))}
      </dl>
    </>
  );
}
