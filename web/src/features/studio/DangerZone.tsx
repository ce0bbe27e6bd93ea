import { useState } from 'react';
import { useLocation } from 'wouter';
import { Button } from '@/components/Button';
import { Dialog } from '@/components/Dialog';
import { TextField } from '@/components/Fields';
import { Note, ProblemText } from '@/components/ProblemNote';
import { asProblem } from '@/components/use-load';
import { paths } from '@/config/routes';
import type { ProblemError } from '@/lib/api/problem';
import { deleteStream } from '@/lib/streams/own';
import type { Stream } from '@/lib/streams/types';
import { useT } from '@/messages/i18n';
import styles from './DetailsSection.module.css';

/** Deleting a stream, confirmed by typing its name. */
export function DangerZone({ stream }: { stream: Stream }) {
  const t = useT();
  const [, navigate] = useLocation();
  const [open, setOpen] = useState(false);
  const [typed, setTyped] = useState('');
  const [problem, setProblem] = useState<ProblemError | null>(null);
  const remove = async () => {
    try {
      await deleteStream(stream.id);
      navigate(paths.studio());
    } catch (error) {
      setProblem(asProblem(error));
    }
  };
  const close = () => {
    setOpen(false);
    setTyped('');
    setProblem(null);
  };
  return (
    <section className={styles.danger}>
      <h2>{t('studio.delete.title')}</h2>
      <p>{t('studio.delete.text')}</p>
      <Button look="danger" onClick={() => setOpen(true)}>
        {t('studio.delete.action')}
      </Button>
      <Dialog
        title={t('studio.delete.title')}
        open={open}
        onClose={close}
        actions={
          <>
            <Button look="quiet" onClick={close}>
              {t('action.cancel')}
            </Button>
            <Button look="danger" disabled={typed !== stream.name} onClick={() => void remove()}>
              {t('studio.delete.action')}
            </Button>
          </>
        }
      >
        <p>{t('studio.delete.text')}</p>
        {problem !== null && (
          <Note>
            <ProblemText problem={problem} />
          </Note>
        )}
        <TextField
          label={t('studio.delete.confirm', { name: stream.name })}
          mono
          value={typed}
          onChange={(event) => setTyped(event.target.value)}
        />
      </Dialog>
    </section>
  );
}
