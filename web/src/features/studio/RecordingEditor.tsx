import { ArrowLeft, ExternalLink, Trash2, VideoOff } from 'lucide-react';
import { useCallback, useMemo, useRef, useState } from 'react';
import { useLocation } from 'wouter';
import { Button } from '@/components/Button';
import { ConfirmDialog } from '@/components/ConfirmDialog';
import { ConflictDialog } from '@/components/ConflictDialog';
import { EmptyState } from '@/components/EmptyState';
import { ListProblem } from '@/components/ListStates';
import { Panel } from '@/components/Panel';
import { Pill } from '@/components/Pill';
import { Skeleton } from '@/components/Skeleton';
import { Still } from '@/components/StreamCard';
import { dateTimeText } from '@/components/time';
import { durationText, sizeText } from '@/components/units';
import { useRecord } from '@/components/use-record';
import { paths } from '@/config/routes';
import { deleteRecording, readRecording, updateRecording } from '@/lib/recordings/api';
import { shownChapters, wholeAt } from '@/lib/recordings/clip';
import type { Recording, RecordingEdit } from '@/lib/recordings/types';
import { PlaybackTokens } from '@/lib/streams/playback-tokens';
import type { Stream } from '@/lib/streams/types';
import { useI18n, useT } from '@/messages/i18n';
import type { PlayerOptions } from '@/player/options';
import { RecordingPlayer } from '@/player/RecordingPlayer';
import { ChaptersForm } from './ChaptersForm';
import { CutForm } from './CutForm';
import { RecordingForm } from './RecordingForm';
import styles from './RecordingEditor.module.css';

const OPTIONS: PlayerOptions = { autoplay: false, muted: false, controls: true };

/** One recording: what it is called, who finds it, where it begins and ends, its chapters. */
export function RecordingEditor({
  id,
  stream,
  onBack,
}: {
  id: string;
  stream: Stream;
  onBack(): void;
}) {
  const t = useT();
  const record = useRecord<Recording, RecordingEdit>(
    useCallback((signal?: AbortSignal) => readRecording(id, signal), [id]),
    useCallback(
      (change: RecordingEdit, tag: string | null) => updateRecording(id, change, tag),
      [id],
    ),
  );
  const { value, problem, reload } = record;
  return (
    <div className={styles.editor}>
      <div>
        <Button look="quiet" icon={<ArrowLeft size={18} />} onClick={onBack}>
          {t('recordings.back')}
        </Button>
      </div>
      {value === null && problem === null && (
        <div role="status" aria-label={t('app.loading')}>
          <Skeleton height="320px" />
        </div>
      )}
      {value === null && problem?.status === 404 && (
        <EmptyState
          icon={<VideoOff size={24} />}
          title={t('recording.missing.title')}
          text={t('recording.missing.text')}
        />
      )}
      {problem !== null && problem.status !== 404 && (
        <ListProblem problem={problem} onRetry={reload} />
      )}
      {value !== null && (
        <Editor
          recording={value}
          stream={stream}
          onSave={record.save}
          onReload={reload}
          onBack={onBack}
        />
      )}
      <ConflictDialog
        conflict={record.conflict}
        labels={{
          title: t('studio.field.title'),
          description: t('studio.field.description'),
          visibility: t('recordings.field.visibility'),
          trim_start_ms: t('recordings.cut.start'),
          trim_end_ms: t('recordings.cut.end'),
        }}
      />
    </div>
  );
}

function Editor({
  recording,
  stream,
  onSave,
  onReload,
  onBack,
}: {
  recording: Recording;
  stream: Stream;
  onSave(change: RecordingEdit): Promise<Recording>;
  onReload(): void;
  onBack(): void;
}) {
  const { t, locale } = useI18n();
  const [, navigate] = useLocation();
  const [asking, setAsking] = useState(false);
  const tokens = useMemo(() => new PlaybackTokens(stream.id), [stream.id]);
  const chapters = useMemo(() => shownChapters(recording), [recording]);
  /** Of the picture that is shown, in the whole recording. */
  const at = useRef(wholeAt(recording, 0));
  const positionOf = () => at.current;
  const { hls_url: url, trim_start_ms: start, trim_end_ms: end } = recording;
  return (
    <div className={styles.columns}>
      <div className={styles.side}>
        <div className={styles.stage}>
          {url === null ? (
            <Still seed={recording.id} url={recording.poster_url} />
          ) : (
            <RecordingPlayer
              // What is played begins elsewhere after a cut.
              key={`${start ?? 0}-${end ?? ''}`}
              url={new URL(new URL(url, location.href).pathname, location.origin).href}
              title={recording.title}
              options={OPTIONS}
              credential={tokens.source}
              poster={<Still seed={recording.id} url={recording.poster_url} />}
              storyboard={
                recording.storyboard_url === null
                  ? null
                  : new URL(
                      new URL(recording.storyboard_url, location.href).pathname,
                      location.origin,
                    ).href
              }
              cut={start ?? 0}
              chapters={chapters}
              from={null}
              onTime={(shown) => {
                at.current = wholeAt(recording, shown);
              }}
            />
          )}
        </div>
        <div className={styles.facts}>
          <dl className={styles.numbers}>
            <Fact name={t('recordings.recorded')}>
              {dateTimeText(recording.started_at, locale)}
            </Fact>
            <Fact name={t('recordings.length')}>{durationText(recording.full_duration_ms)}</Fact>
            <Fact name={t('recordings.size')}>{sizeText(recording.size_bytes, locale)}</Fact>
          </dl>
          {recording.state !== 'ready' && (
            <Pill tone={recording.state === 'failed' ? 'warn' : 'quiet'}>
              {t(`recording.state.${recording.state}`)}
            </Pill>
          )}
          {recording.gaps > 0 && (
            <Pill tone="warn">{t('recordings.gaps', { count: recording.gaps })}</Pill>
          )}
          <a
            className={styles.watch}
            href={paths.recording(recording.id)}
            target="_blank"
            rel="noreferrer"
          >
            {t('recordings.open')}
            <ExternalLink size={14} aria-hidden="true" />
          </a>
        </div>
      </div>
      <div className={styles.forms}>
        <Panel title={t('recordings.details')}>
          <RecordingForm recording={recording} onSave={onSave} />
        </Panel>
        {recording.state !== 'recording' && (
          <Panel title={t('recordings.cut')} text={t('recordings.cut.text')}>
            <CutForm
              key={`${start ?? 0}-${end ?? ''}`}
              recording={recording}
              positionOf={positionOf}
              onSave={onSave}
            />
          </Panel>
        )}
        <Panel title={t('recording.chapters')} text={t('recordings.chapters.text')}>
          <ChaptersForm recording={recording} positionOf={positionOf} onSaved={onReload} />
        </Panel>
        {recording.state !== 'recording' && (
          <Panel danger title={t('recordings.delete.title')} text={t('recordings.delete.text')}>
            <div>
              <Button look="danger" icon={<Trash2 size={16} />} onClick={() => setAsking(true)}>
                {t('recordings.delete')}
              </Button>
            </div>
          </Panel>
        )}
      </div>
      {asking && (
        <ConfirmDialog
          title={t('recordings.delete.title')}
          action={t('recordings.delete')}
          onConfirm={async () => {
            await deleteRecording(recording.id);
            navigate(paths.studioStream(stream.name, 'recordings'));
            onBack();
          }}
          onClose={() => setAsking(false)}
        >
          <p>{t('recordings.delete.text')}</p>
        </ConfirmDialog>
      )}
    </div>
  );
}

function Fact({ name, children }: { name: string; children: string }) {
  return (
    <div className={styles.fact}>
      <dt>{name}</dt>
      <dd>{children}</dd>
    </div>
  );
}
