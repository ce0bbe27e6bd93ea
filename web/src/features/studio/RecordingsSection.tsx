import '@/messages/areas/recordings';
import { Clapperboard } from 'lucide-react';
import { useCallback, useEffect, useState } from 'react';
import { useSearchParams } from 'wouter';
import { EmptyState } from '@/components/EmptyState';
import { Segmented } from '@/components/Fields';
import { ListProblem, More } from '@/components/ListStates';
import { Section } from '@/components/Section';
import { Skeleton } from '@/components/Skeleton';
import { useAttempt } from '@/components/use-attempt';
import { useCursorList } from '@/components/use-cursor-list';
import { deleteRecording, ownRecordings, restoreRecording } from '@/lib/recordings/api';
import type { RecordingCard } from '@/lib/recordings/types';
import type { Stream, StreamEdit } from '@/lib/streams/types';
import { useT } from '@/messages/i18n';
import { RecordingEditor } from './RecordingEditor';
import { RecordingNow } from './RecordingNow';
import { RecordingRow } from './RecordingRow';
import { RecordingSettings } from './RecordingSettings';
import styles from './RecordingsSection.module.css';

const REFRESH_MS = 5000;
/** Long enough to read it and to change one's mind. */
const UNDO_MS = 10_000;

type Shelf = 'there' | 'deleted';

/** What is kept of the broadcasts of a stream. */
export function RecordingsSection({
  stream,
  onSave,
}: {
  stream: Stream;
  onSave(change: StreamEdit): Promise<Stream>;
}) {
  const [parameters, setParameters] = useSearchParams();
  const edited = parameters.get('edit');
  if (edited !== null)
    return (
      <RecordingEditor key={edited} id={edited} stream={stream} onBack={() => setParameters({})} />
    );
  return (
    <div className={styles.section}>
      <RecordingSettings stream={stream} onSave={onSave} />
      {stream.state !== 'offline' && <RecordingNow stream={stream.id} />}
      <Recordings stream={stream} />
    </div>
  );
}

function Recordings({ stream }: { stream: Stream }) {
  const t = useT();
  const [shelf, setShelf] = useState<Shelf>('there');
  const deleted = shelf === 'deleted';
  const { id } = stream;
  const list = useCursorList<RecordingCard>(
    useCallback((cursor, signal) => ownRecordings(id, deleted, cursor, signal), [id, deleted]),
  );
  const { failed, attempt } = useAttempt();
  const [gone, setGone] = useState<RecordingCard | null>(null);
  const { items, problem, reload, change } = list;
  const working = items?.some(({ state }) => state === 'recording' || state === 'processing');
  useEffect(() => {
    if (working !== true) return;
    const timer = setInterval(() => {
      if (!document.hidden) reload();
    }, REFRESH_MS);
    return () => clearInterval(timer);
  }, [working, reload]);
  useEffect(() => {
    if (gone === null) return;
    const timer = setTimeout(() => setGone(null), UNDO_MS);
    return () => clearTimeout(timer);
  }, [gone]);

  const remove = async (recording: RecordingCard) => {
    change((before) => before.filter((item) => item.id !== recording.id));
    if (await attempt(() => deleteRecording(recording.id))) setGone(recording);
    else reload();
  };
  const restore = async (recording: RecordingCard) => {
    setGone(null);
    await attempt(() => restoreRecording(recording.id));
    reload();
  };
  return (
    <Section
      title={t('recordings.there')}
      action={
        <div className={styles.shelf}>
          <Segmented<Shelf>
            label={t('recordings.show')}
            value={shelf}
            options={[
              { value: 'there', label: t('recordings.current') },
              { value: 'deleted', label: t('recordings.deleted') },
            ]}
            onChoose={setShelf}
          />
        </div>
      }
    >
      <ListProblem problem={problem ?? failed} onRetry={reload} />
      {items === null && problem === null && <Shape />}
      {items?.length === 0 &&
        (deleted ? (
          <p className={styles.quiet}>{t('recordings.deleted.none')}</p>
        ) : (
          <EmptyState
            level={3}
            icon={<Clapperboard size={24} />}
            title={t('recordings.none.title')}
            text={t(stream.record ? 'recordings.none.text' : 'recordings.off.text')}
          />
        ))}
      {items !== null && items.length > 0 && (
        <ul className={styles.list}>
          {items.map((recording) => (
            <RecordingRow
              key={recording.id}
              recording={recording}
              onDelete={() => void remove(recording)}
              onRestore={() => void restore(recording)}
            />
          ))}
        </ul>
      )}
      <More list={list} />
      <div role="status" className={styles.said}>
        {gone !== null && (
          <p>
            <span>{t('recordings.delete.done', { title: gone.title })}</span>
            <button type="button" onClick={() => void restore(gone)}>
              {t('recordings.undo')}
            </button>
          </p>
        )}
      </div>
    </Section>
  );
}

function Shape() {
  const t = useT();
  return (
    <div className={styles.list} role="status" aria-label={t('app.loading')}>
      {Array.from({ length: 3 }, (_, index) => (
        <div key={index} className={styles.row}>
          <div className={styles.picture}>
            <Skeleton height="100%" />
          </div>
          <div className={styles.words}>
            <Skeleton width="50%" height="20px" />
            <Skeleton width="30%" height="16px" />
          </div>
        </div>
      ))}
    </div>
  );
}
