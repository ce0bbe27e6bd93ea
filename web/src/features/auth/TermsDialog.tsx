import { Dialog } from '@/components/Dialog';
import { Note, ProblemText } from '@/components/ProblemNote';
import { Skeleton } from '@/components/Skeleton';
import { useLoad } from '@/components/use-load';
import { currentTerms } from '@/lib/api/auth';
import { useT } from '@/messages/i18n';
import styles from './TermsDialog.module.css';

/** The terms in full, without leaving the form. */
export function TermsDialog({ open, onClose }: { open: boolean; onClose(): void }) {
  const t = useT();
  return (
    <Dialog open={open} title={t('auth.terms.title')} onClose={onClose}>
      <Terms />
    </Dialog>
  );
}

function Terms() {
  const { value, problem } = useLoad(currentTerms);
  if (problem !== null) {
    return (
      <Note>
        <ProblemText problem={problem} />
      </Note>
    );
  }
  if (value === null) return <Skeleton height="200px" />;
  return (
    <div className={styles.terms} tabIndex={0} role="document" aria-label={value.title}>
      {value.body.split(/\n{2,}/).map((paragraph, index) => (
        <p key={index}>{paragraph}</p>
      ))}
    </div>
  );
}
