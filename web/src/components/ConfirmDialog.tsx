import { useState, type ReactNode } from 'react';
import type { ProblemError } from '@/lib/api/problem';
import { useT } from '@/messages/i18n';
import { Button } from './Button';
import { Dialog } from './Dialog';
import { TextField } from './Fields';
import { Note, ProblemText } from './ProblemNote';
import { asProblem } from './use-load';

/** Asks before something that is hard to undo; the worst of it has to be typed. */
export function ConfirmDialog({
  title,
  action,
  typed,
  danger = true,
  ready = true,
  children,
  onConfirm,
  onClose,
}: {
  title: string;
  /** What the button does, as a verb. */
  action: string;
  /** A word that has to be typed first. */
  typed?: string;
  danger?: boolean;
  /** Whether the fields of the dialog are filled. */
  ready?: boolean;
  children: ReactNode;
  /** What it gives back does not matter, but false keeps the dialog. */
  onConfirm(): Promise<unknown>;
  onClose(): void;
}) {
  const t = useT();
  const [word, setWord] = useState('');
  const [busy, setBusy] = useState(false);
  const [problem, setProblem] = useState<ProblemError | null>(null);
  const open = ready && (typed === undefined || word.trim() === typed);
  const confirm = async () => {
    setBusy(true);
    setProblem(null);
    try {
      const done = await onConfirm();
      if (done !== false) onClose();
    } catch (error) {
      setProblem(asProblem(error));
      setBusy(false);
    }
  };
  return (
    <Dialog
      open
      title={title}
      onClose={onClose}
      actions={
        <>
          <Button onClick={onClose}>{t('action.cancel')}</Button>
          <Button
            look={danger ? 'danger' : 'primary'}
            disabled={!open || busy}
            onClick={() => void confirm()}
          >
            {action}
          </Button>
        </>
      }
    >
      {problem !== null && (
        <Note>
          <ProblemText problem={problem} />
        </Note>
      )}
      {children}
      {typed !== undefined && (
        <TextField
          label={t('confirm.type', { word: typed })}
          value={word}
          mono
          onChange={(event) => setWord(event.target.value)}
        />
      )}
    </Dialog>
  );
}
