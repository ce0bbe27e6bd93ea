import { CircleAlert, CircleCheck, TriangleAlert } from 'lucide-react';
import { msText, percentText } from '@/components/units';
import { sentBitrate } from '@/lib/rtc/encoding';
import type { Health, HealthIssue, HealthIssueId } from '@/lib/rtc/health';
import { useT, type Translate } from '@/messages/i18n';
import { CheckConnection } from './CheckConnection';
import type { StudioSettings } from './settings';
import styles from './LivePanel.module.css';

/** What the connection doctor may know more of. */
const OF_THE_LINE: ReadonlySet<HealthIssueId> = new Set<HealthIssueId>([
  'loss_high',
  'rtt_high',
  'bandwidth_limited',
  'ice_relayed',
]);

/** How well the broadcast goes: a word, a score, and each issue with its fix. */
export function HealthCard({
  health,
  settings,
}: {
  health: Health;
  /** What is sent, for a closer look at the line. */
  settings: StudioSettings;
}) {
  const t = useT();
  return (
    <section className={styles.card} data-word={health.word}>
      <header className={styles.cardHead}>
        <h2>{t('studio.health')}</h2>
        {health.score !== null && (
          <span className={styles.quiet}>{t('studio.health.score', { score: health.score })}</span>
        )}
      </header>
      <p className={styles.word}>{t(`studio.health.${health.word}`)}</p>
      <div className={styles.meter} aria-hidden="true">
        <span style={{ width: `${health.score ?? 0}%` }} />
      </div>
      {health.word !== 'no_data' && health.issues.length === 0 && (
        <p className={styles.clean}>
          <CircleCheck size={16} aria-hidden="true" />
          {t('studio.health.clean')}
        </p>
      )}
      {health.issues.length > 0 && (
        <ul className={styles.issues}>
          {health.issues.map((issue) => (
            <Issue key={issue.id} issue={issue} />
          ))}
        </ul>
      )}
      {health.issues.some(({ id }) => OF_THE_LINE.has(id)) && (
        <CheckConnection bitrate={sentBitrate(settings)} codec={settings.codec} />
      )}
    </section>
  );
}

function Issue({ issue }: { issue: HealthIssue }) {
  const t = useT();
  const Icon = issue.severity === 'bad' ? CircleAlert : TriangleAlert;
  const amount = amountOf(issue, t);
  return (
    <li className={styles.issue} data-severity={issue.severity}>
      <Icon size={16} aria-hidden="true" />
      <div>
        <p className={styles.issueTitle}>
          {t(`issue.${issue.id}`)}
          {amount !== null && <span className={styles.amount}>{amount}</span>}
        </p>
        <p className={styles.quiet}>{t(`issue.${issue.id}.fix`)}</p>
      </div>
    </li>
  );
}

function amountOf({ id, actual, expected }: HealthIssue, t: Translate): string | null {
  if (actual === null || expected === null) return null;
  const write = (value: number) => {
    if (id === 'rtt_high') return msText(value, t);
    if (id === 'loss_high') return percentText(value, t);
    return String(Math.round(value));
  };
  return t('issue.actual', { actual: write(actual), expected: write(expected) });
}
