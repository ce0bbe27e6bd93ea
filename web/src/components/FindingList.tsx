import '@/messages/areas/doctor';
import { ChevronRight, CircleAlert, Info, TriangleAlert } from 'lucide-react';
import type { Finding } from '@/lib/api/generated/Finding';
import type { Severity } from '@/lib/api/generated/Severity';
import { hasMessage } from '@/messages/catalogue';
import { useT } from '@/messages/i18n';
import styles from './FindingList.module.css';

const ICONS = { error: CircleAlert, warning: TriangleAlert, info: Info };
const ORDER: readonly Severity[] = ['error', 'warning', 'info'];

/** The worst first; those of one severity as the doctor says them. */
export function sortedFindings(findings: readonly Finding[]): Finding[] {
  return [...findings].sort(
    (one, other) => ORDER.indexOf(one.severity) - ORDER.indexOf(other.severity),
  );
}

/**
 * What the connection doctor found. What it means for whoever sees it comes first, in our words; what
 * it says itself, exact and in English, is for whoever can mend it.
 */
export function FindingList({
  findings,
  expert = false,
}: {
  findings: readonly Finding[];
  /** For who runs the server: the doctor's own words at once. */
  expert?: boolean;
}) {
  return (
    <ul className={styles.list}>
      {sortedFindings(findings).map((finding, index) => (
        // A code may come once for each thing that it is about.
        <li key={`${finding.code}-${index}`}>
          <Card finding={finding} expert={expert} />
        </li>
      ))}
    </ul>
  );
}

function Card({ finding, expert }: { finding: Finding; expert: boolean }) {
  const t = useT();
  const { code, severity, title, cause, fix } = finding;
  const Icon = ICONS[severity];
  const name = `doctor.finding.${code}`;
  const [text, help] = [`${name}.text`, `${name}.fix`];
  const ours = !expert && hasMessage(name) && hasMessage(text) && hasMessage(help);
  return (
    <article className={styles.card} data-severity={severity}>
      <Icon size={20} className={styles.icon} aria-hidden="true" />
      <div className={styles.body}>
        <p className={styles.severity}>{t(`doctor.severity.${severity}`)}</p>
        <h3 className={styles.title} lang={ours ? undefined : 'en'}>
          {ours ? t(name) : title}
        </h3>
        {ours ? (
          <>
            <p>{t(text)}</p>
            <p className={styles.fix}>
              <strong>{t('doctor.fix')}</strong> {t(help)}
            </p>
            <details className={styles.details}>
              <summary>
                <ChevronRight size={14} aria-hidden="true" />
                {t('doctor.details')}
              </summary>
              <Exact cause={cause} fix={fix} />
              <p className={styles.code}>{t('doctor.code', { code })}</p>
            </details>
          </>
        ) : (
          <>
            <Exact cause={cause} fix={fix} />
            <p className={styles.code}>{t('doctor.code', { code })}</p>
          </>
        )}
      </div>
    </article>
  );
}

function Exact({ cause, fix }: Pick<Finding, 'cause' | 'fix'>) {
  const t = useT();
  return (
    <dl className={styles.exact}>
      <dt>{t('doctor.details.cause')}</dt>
      <dd lang="en">
        <Marked text={cause} />
      </dd>
      <dt>{t('doctor.details.fix')}</dt>
      <dd lang="en">
        <Marked text={fix} />
      </dd>
    </dl>
  );
}

/** Commands and keys of the configuration stand between backticks. */
function Marked({ text }: { text: string }) {
  return text
    .split(/`([^`]+)`/)
    .map((part, index) => (index % 2 === 1 ? <code key={index}>{part}</code> : part));
}
