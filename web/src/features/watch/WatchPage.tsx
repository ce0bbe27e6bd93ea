import '@/messages/areas/watch';
import { useCallback, useState } from 'react';
import { Skeleton } from '@/components/Skeleton';
import { Thumbnail } from '@/components/StreamCard';
import { usePoll } from '@/components/use-poll';
import { useTitle } from '@/components/use-title';
import { useTopic } from '@/components/use-topic';
import { readStream } from '@/lib/streams/catalogue';
import type { Stream } from '@/lib/streams/types';
import { useT } from '@/messages/i18n';
import { Player, type PlayerOptions, type PlayerReport } from '@/player/Player';
import { About } from './About';
import { Lock, MaturityLock } from './Lock';
import { OffAir } from './OffAir';
import { useGate } from './use-gate';
import { useHistory } from './use-history';
import { useMaturity } from './use-maturity';
import styles from './WatchPage.module.css';

/** What changes fast comes over the control channel and the event socket; this catches the rest. */
const REFRESH_MS = 15_000;
const OPTIONS: PlayerOptions = { autoplay: true, muted: false, controls: true };

export default function WatchPage({ stream }: { stream: string }) {
  const t = useT();
  const ask = useCallback((signal: AbortSignal) => readStream(stream, signal), [stream]);
  const { value, problem, refresh } = usePoll(ask, REFRESH_MS);
  const [theatre, setTheatre] = useState(false);
  const theatreSwitch = { on: theatre, toggle: () => setTheatre(!theatre) };
  useTopic(
    value === null ? null : `stream:${value.id}`,
    ({ event }) => {
      if (event !== 'stream.stats') refresh();
    },
    refresh,
  );
  useTitle(value === null ? stream : value.title === '' ? stream : value.title);

  if (value !== null)
    return (
      <div className={styles.page} data-theatre={theatre}>
        <Known key={value.id} stream={value} theatre={theatreSwitch} />
      </div>
    );
  return (
    <div className={styles.page} data-theatre={theatre}>
      <div className={styles.stage}>
        {/* Where the server says nothing of the stream, the player says why, and tries on. */}
        {problem !== null && (
          <Player stream={stream} title={stream} options={OPTIONS} theatre={theatreSwitch} />
        )}
      </div>
      <div className={styles.about}>
        {problem === null ? (
          <div className={styles.waiting} role="status" aria-label={t('app.loading')}>
            <Skeleton width="60%" height="26px" />
            <Skeleton width="220px" height="40px" />
          </div>
        ) : (
          <h1 className={styles.title} dir="auto">
            {problem.status === 404 ? t('watch.missing.title') : stream}
          </h1>
        )}
      </div>
    </div>
  );
}

function Known({ stream, theatre }: { stream: Stream; theatre: { on: boolean; toggle(): void } }) {
  const t = useT();
  const [report, setReport] = useState<PlayerReport | null>(null);
  const [following, setFollowing] = useState<boolean | null>(null);
  const gate = useGate(stream);
  const maturity = useMaturity(stream);
  const title = stream.title === '' ? stream.name : stream.title;
  const shown: Stream = {
    ...stream,
    following: following ?? stream.following,
    state: stateOf(report) ?? stream.state,
    viewers: report?.viewers ?? stream.viewers,
  };
  const playing = maturity.accepted && gate.state === 'open';
  useHistory(stream, playing && report?.phase === 'live', gate.password);
  return (
    <>
      <div className={styles.stage}>
        {!maturity.accepted ? (
          <MaturityLock stream={stream} onAccept={maturity.accept} />
        ) : gate.state === 'open' ? (
          <Player
            stream={stream.name}
            title={title}
            options={OPTIONS}
            credential={gate.credential}
            poster={<Thumbnail stream={stream} />}
            theatre={theatre}
            onReport={setReport}
          />
        ) : (
          <Lock stream={shown} gate={gate} onFollow={setFollowing} />
        )}
      </div>
      {gate.state === 'checking' && (
        <p role="status" className="visually-hidden">
          {t('watch.checking')}
        </p>
      )}
      <About stream={shown} onFollow={setFollowing} />
      {shown.state === 'offline' && <OffAir stream={stream} />}
    </>
  );
}

/** The player knows at once what the API says seconds later; null while it does not know yet. */
function stateOf(report: PlayerReport | null): Stream['state'] | null {
  switch (report?.phase) {
    case 'live':
      return 'live';
    case 'starting':
      return 'starting';
    case 'reconnecting':
      return 'gap';
    case 'offline':
    case 'ended':
      return 'offline';
    default:
      return null;
  }
}
