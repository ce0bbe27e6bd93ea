import { Note, ProblemText } from '@/components/ProblemNote';
import { useT } from '@/messages/i18n';
import type { Saved } from './use-saved';

/** What became of the last choice: a refusal in sight, success only for those who listen. */
export function SavedNote({ saved }: { saved: Pick<Saved<object>, 'problem' | 'saves'> }) {
  const t = useT();
  return (
    <>
      {saved.problem !== null && (
        <Note>
          <ProblemText problem={saved.problem} />
        </Note>
      )}
      <span key={saved.saves} role="status" className="visually-hidden">
        {saved.saves > 0 ? t('form.saved') : ''}
      </span>
    </>
  );
}
