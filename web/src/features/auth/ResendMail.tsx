import { useEffect, useState } from 'react';
import { Button } from '@/components/Button';
import { Note, ProblemText } from '@/components/ProblemNote';
import { asProblem } from '@/components/use-load';
import type { ProblemError } from '@/lib/api/problem';
import { resendVerification } from '@/lib/api/auth';
import { useT } from '@/messages/i18n';
import styles from './ResendMail.module.css';

/** Mails are slow sometimes. Less patience only fills inboxes and meets the server's rate limit. */
const PAUSE_SECONDS = 60;

/** Sends the mail again, but not again and again. */
export function ResendMail({ email }: { email: string }) {
  const t = useT();
  const [left, setLeft] = useState(PAUSE_SECONDS);
  const [sent, setSent] = useState(false);
  const [problem, setProblem] = useState<ProblemError | null>(null);
  useEffect(() => {
    if (left === 0) return;
    const timer = setTimeout(() => setLeft(left - 1), 1000);
    return () => clearTimeout(timer);
  }, [left]);
  const resend = async () => {
    setProblem(null);
    setLeft(PAUSE_SECONDS);
    try {
      await resendVerification(email);
      setSent(true);
    } catch (error) {
      setProblem(asProblem(error));
      setLeft(0);
    }
  };
  return (
    <div className={styles.resend}>
      {problem !== null && (
        <Note>
          <ProblemText problem={problem} />
        </Note>
      )}
      {sent && problem === null && <Note tone="good">{t('auth.mail.again')}</Note>}
      <p>{t('auth.mail.spam')}</p>
      <Button disabled={left > 0} onClick={() => void resend()}>
        {left > 0 ? t('auth.mail.wait', { seconds: left }) : t('auth.mail.resend')}
      </Button>
    </div>
  );
}
