import { CircleCheck, Info, TriangleAlert } from 'lucide-react';
import type { ReactNode } from 'react';
import type { ProblemError } from '@/lib/api/problem';
import { hasMessage } from '@/messages/catalogue';
import { useT } from '@/messages/i18n';
import styles from './ProblemNote.module.css';

/** What happened and what to do; the code is there for whoever is asked for help. */
export function ProblemText({
  problem,
  publishing = false,
}: {
  problem: ProblemError;
  publishing?: boolean;
}) {
  const t = useT();
  const key =
    publishing && problem.code === 'no_common_codec'
      ? 'problem.publish_codec'
      : `problem.${problem.code}`;
  return (
    <>
      <span>
        {hasMessage(key)
          ? t(key)
          : t('problem.other', { detail: problem.detail ?? problem.message })}
      </span>
      {!EVERYDAY.has(problem.code) && (
        <small className={styles.code}>
          {t('problem.code', { code: problem.code })}
          {problem.requestId !== null && `, ${t('problem.request', { id: problem.requestId })}`}
        </small>
      )}
    </>
  );
}

/** Refusals that happen to everybody and need no help: their code would only be noise. */
const EVERYDAY: ReadonlySet<string> = new Set([
  'invalid_credentials',
  'mfa_wrong',
  'token_expired',
  'token_used',
  'already_exists',
  'session_ended',
  'network',
]);

type NoteTone = 'danger' | 'warn' | 'good' | 'quiet';

const NOTE_ICONS = { danger: TriangleAlert, warn: TriangleAlert, good: CircleCheck, quiet: Info };

/** A sentence that stands out. What went wrong is spoken at once, other notes when there is time. */
export function Note({
  title,
  tone = 'danger',
  children,
  action,
}: {
  title?: string;
  tone?: NoteTone;
  children?: ReactNode;
  action?: ReactNode;
}) {
  const Icon = NOTE_ICONS[tone];
  return (
    <div className={`${styles.note} ${styles[tone]}`} role={tone === 'danger' ? 'alert' : 'status'}>
      <Icon size={18} aria-hidden="true" className={styles.icon} />
      <div className={styles.text}>
        {title !== undefined && <strong>{title}</strong>}
        {children}
      </div>
      {action}
    </div>
  );
}
