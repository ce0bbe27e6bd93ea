import { Eye, Square } from 'lucide-react';
import { useState } from 'react';
import { Button } from '@/components/Button';
import { Dialog } from '@/components/Dialog';
import { Note, ProblemText } from '@/components/ProblemNote';
import { asProblem } from '@/components/use-load';
import type { ProblemError } from '@/lib/api/problem';
import { endBroadcast } from '@/lib/streams/own';
import type { Stream } from '@/lib/streams/types';
import { useT } from '@/messages/i18n';
import { RecordingNow } from './RecordingNow';
import styles from './OnAirCard.module.css';

/** The stream is live, but not from this page. */
export function OnAirCard({ stream }: { stream: Stream }) {
  const t = useT();
  const [asking, setAsking] = useState(false);
  const [problem, setProblem] = useState<ProblemError | null>(null);
  const end = async () => {
    setAsking(false);
    try {
      await endBroadcast(stream.id);
      setProblem(null);
    } catch (error) {
      setProblem(asProblem(error));
    }
  };
  return (
    <>
      {problem !== null && (
        <Note title={t('studio.failed')}>
          <ProblemText problem={problem} />
        </Note>
      )}
      <section className={styles.card} aria-label={t('studio.onAir')}>
        <div className={styles.words}>
          <h2 className={styles.title}>{t('studio.onAir')}</h2>
          <p className={styles.text}>{t('studio.onAir.text')}</p>
        </div>
        <p className={styles.viewers}>
          <Eye size={16} aria-hidden="true" />
          {t('count.viewers', { count: stream.viewers })}
        </p>
        <RecordingNow stream={stream.id} />
        <Button look="danger" icon={<Square size={16} />} onClick={() => setAsking(true)}>
          {t('studio.end')}
        </Button>
      </section>
      <Dialog
        title={t('studio.end.title')}
        open={asking}
        onClose={() => setAsking(false)}
        actions={
          <>
            <Button look="quiet" onClick={() => setAsking(false)}>
              {t('action.cancel')}
            </Button>
            <Button look="live" onClick={() => void end()}>
              {t('studio.end')}
            </Button>
          </>
        }
      >
        <p>{t('studio.end.text', { count: stream.viewers })}</p>
      </Dialog>
    </>
  );
}
