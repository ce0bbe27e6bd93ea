import '@/messages/areas/recordings';
import { ExternalLink, VideoOff } from 'lucide-react';
import { useCallback, useEffect, useMemo, useState } from 'react';
import { ProblemText } from '@/components/ProblemNote';
import { Still } from '@/components/StreamCard';
import { useLoad } from '@/components/use-load';
import { paths } from '@/config/routes';
import { readRecording } from '@/lib/recordings/api';
import { localOf } from '@/lib/recordings/addresses';
import { shownChapters } from '@/lib/recordings/clip';
import { askedPosition } from '@/lib/recordings/resume';
import type { Recording } from '@/lib/recordings/types';
import { useT } from '@/messages/i18n';
import { Card } from '@/player/OverlayParts';
import { RecordingPlayer } from '@/player/RecordingPlayer';
import { embedOptions } from './options';
import styles from './EmbedPage.module.css';

/** The player of a recording alone, for a frame on another site. `?t=` says where it begins. */
export default function EmbedRecordingPage({ recording: id }: { recording: string }) {
  const t = useT();
  const { value, problem } = useLoad(
    useCallback(async (signal: AbortSignal) => (await readRecording(id, signal)).body, [id]),
  );
  const title = value?.title ?? t('player.recording');
  useEffect(() => {
    document.title = title;
  }, [title]);
  const gone = problem?.status === 404 || problem?.status === 400;
  return (
    <main className={styles.page}>
      <h1 className="visually-hidden" dir="auto">
        {title}
      </h1>
      {value?.hls_url != null && value.deleted_at === null ? (
        <Plays recording={value} url={value.hls_url} />
      ) : (
        <div role="status" className={styles.notice}>
          {value !== null ? (
            <Card
              icon={<VideoOff size={32} />}
              title={t('recording.embed.unready')}
              text={<OwnPage id={id} />}
            />
          ) : (
            problem !== null && (
              <Card
                icon={<VideoOff size={32} />}
                title={t(gone ? 'recording.missing.title' : 'player.failed')}
                text={gone ? t('recording.missing.text') : <ProblemText problem={problem} />}
              />
            )
          )}
        </div>
      )}
    </main>
  );
}

function Plays({ recording, url }: { recording: Recording; url: string }) {
  const options = useMemo(() => embedOptions(location.search), []);
  const [from] = useState(() => askedPosition(location.search));
  const chapters = useMemo(() => shownChapters(recording), [recording]);
  const { storyboard_url: storyboard } = recording;
  return (
    <RecordingPlayer
      url={localOf(url)}
      title={recording.title}
      options={options}
      poster={<Still seed={recording.id} url={recording.poster_url} />}
      storyboard={storyboard === null ? null : localOf(storyboard)}
      cut={recording.trim_start_ms ?? 0}
      chapters={chapters}
      from={from}
    />
  );
}

/** What stands in the way (a sign-in, a broadcast that still runs) is told and solved there. */
function OwnPage({ id }: { id: string }) {
  const t = useT();
  return (
    <a className={styles.link} href={paths.recording(id)} target="_blank" rel="noopener">
      {t('recording.embed.open')} <ExternalLink size={14} aria-hidden="true" />
    </a>
  );
}
