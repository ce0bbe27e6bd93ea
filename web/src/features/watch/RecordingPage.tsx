import '@/messages/areas/recordings';
import '@/messages/areas/watch';
import { VideoOff } from 'lucide-react';
import { useCallback, useEffect, useMemo, useRef, useState, type ReactNode } from 'react';
import { ListProblem } from '@/components/ListStates';
import { NothingHere } from '@/components/NothingHere';
import { Skeleton } from '@/components/Skeleton';
import { Still } from '@/components/StreamCard';
import { useLoad } from '@/components/use-load';
import { useTitle } from '@/components/use-title';
import { localOf } from '@/lib/recordings/addresses';
import { readRecording } from '@/lib/recordings/api';
import { shownChapters } from '@/lib/recordings/clip';
import type { Recording } from '@/lib/recordings/types';
import type { Snapshot } from '@/lib/snapshot';
import { readStream } from '@/lib/streams/catalogue';
import { PlaybackTokens } from '@/lib/streams/playback-tokens';
import { useT } from '@/messages/i18n';
import type { PlayerOptions } from '@/player/options';
import { RecordingPlayer, type RecordingControl } from '@/player/RecordingPlayer';
import { AboutRecording } from './AboutRecording';
import { Lock, MaturityLock, type Locked } from './Lock';
import { useGate } from './use-gate';
import { useMaturity } from './use-maturity';
import { usePosition } from './use-position';
import { RecordingNotice } from './RecordingNotice';
import styles from './WatchPage.module.css';

const OPTIONS: PlayerOptions = { autoplay: true, muted: false, controls: true };
/** What is not finished is looked at again, as somebody waits for it. */
const REFRESH_MS = 5000;

/** Where the chat of a recording is shown, in step with its picture. */
export interface ReplayPlace {
  recording: string;
  /** In milliseconds of the whole recording. */
  now: Snapshot<{ at: number }>;
}

/** A broadcast that was kept: its picture, what was said, its chapters. */
export default function RecordingPage({
  recording: id,
  chat,
}: {
  recording: string;
  chat?: (place: ReplayPlace) => ReactNode;
}) {
  const t = useT();
  const { value, problem, reload } = useLoad(
    useCallback(async (signal: AbortSignal) => (await readRecording(id, signal)).body, [id]),
  );
  const unfinished = value?.state === 'recording' || value?.state === 'processing';
  useEffect(() => {
    if (!unfinished) return;
    const timer = setInterval(() => {
      if (!document.hidden) reload();
    }, REFRESH_MS);
    return () => clearInterval(timer);
  }, [unfinished, reload]);
  useTitle(value?.title ?? t('watch.past'));

  if (value !== null) return <Known key={value.id} recording={value} chat={chat} />;
  if (problem === null) return <Shape />;
  if (problem.status === 404 || problem.status === 400)
    return (
      <NothingHere
        icon={<VideoOff size={24} />}
        title={t('recording.missing.title')}
        text={t('recording.missing.text')}
      />
    );
  return (
    <div className={styles.page}>
      <div className={styles.about}>
        <ListProblem problem={problem} onRetry={reload} />
      </div>
    </div>
  );
}

function Known({
  recording,
  chat,
}: {
  recording: Recording;
  chat: ((place: ReplayPlace) => ReactNode) | undefined;
}) {
  const { stream } = recording;
  const [theatre, setTheatre] = useState(false);
  const [changed, setChanged] = useState<boolean | null>(null);
  const control = useRef<RecordingControl>(null);
  const { value: live } = useLoad(
    useCallback((signal: AbortSignal) => readStream(stream.name, signal), [stream.name]),
  );
  const following = changed ?? live?.following ?? null;
  const gate = useGate(stream, recording.visibility === 'private');
  // A file is not for everybody, even where the picture is.
  const tokens = useMemo(() => new PlaybackTokens(stream.id), [stream.id]);
  const maturity = useMaturity({ ...stream, editable: recording.editable });
  const position = usePosition(recording);
  const chapters = useMemo(() => shownChapters(recording), [recording]);
  const locked: Locked = {
    name: stream.name,
    thumbnail_url: null,
    owner: recording.owner,
    following: following ?? false,
    access: stream.access,
  };
  const playable = recording.hls_url !== null && recording.deleted_at === null;
  const open = maturity.accepted && gate.state === 'open';
  const seek = (to: number) => {
    control.current?.seek(to);
    window.scrollTo({ top: 0, behavior: 'smooth' });
  };
  return (
    <div className={styles.page} data-theatre={theatre}>
      <div className={styles.main}>
        <div className={styles.stage}>
          {!playable ? (
            <RecordingNotice recording={recording} />
          ) : !maturity.accepted ? (
            <MaturityLock stream={locked} onAccept={maturity.accept} />
          ) : gate.state === 'open' ? (
            <RecordingPlayer
              url={localOf(recording.hls_url ?? '')}
              title={recording.title}
              options={OPTIONS}
              credential={gate.credential}
              poster={<Still seed={recording.id} url={recording.poster_url} />}
              storyboard={
                recording.storyboard_url === null ? null : localOf(recording.storyboard_url)
              }
              cut={recording.trim_start_ms ?? 0}
              chapters={chapters}
              from={position.from}
              theatre={{ on: theatre, toggle: () => setTheatre(!theatre) }}
              control={control}
              onTime={position.onTime}
            />
          ) : (
            <Lock stream={locked} gate={gate} onFollow={setChanged} />
          )}
        </div>
        <AboutRecording
          recording={recording}
          chapters={playable ? chapters : []}
          following={following}
          credential={tokens.source}
          position={position}
          onFollow={setChanged}
          onSeek={seek}
        />
      </div>
      {chat !== undefined && playable && open && (
        <div className={styles.chat}>{chat({ recording: recording.id, now: position.now })}</div>
      )}
    </div>
  );
}

function Shape() {
  const t = useT();
  return (
    <div className={styles.page}>
      <div className={styles.main}>
        <div className={styles.stage} />
        <div className={styles.about}>
          <div className={styles.waiting} role="status" aria-label={t('app.loading')}>
            <Skeleton width="60%" height="26px" />
            <Skeleton width="220px" height="40px" />
          </div>
        </div>
      </div>
    </div>
  );
}
