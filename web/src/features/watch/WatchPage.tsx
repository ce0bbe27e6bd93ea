import '@/messages/areas/watch';
import { lazy, type ReactNode, Suspense, useCallback, useEffect, useRef, useState } from 'react';
import { Skeleton } from '@/components/Skeleton';
import { Thumbnail } from '@/components/StreamCard';
import { usePoll } from '@/components/use-poll';
import { useTitle } from '@/components/use-title';
import { useTopic } from '@/components/use-topic';
import { readStream } from '@/lib/streams/catalogue';
import type { Stream } from '@/lib/streams/types';
import { useT } from '@/messages/i18n';
import type { PlayerOptions } from '@/player/options';
import { Player, type PlayerReport } from '@/player/Player';
import type { SeenSource } from '@/player/use-seen';
import { About } from './About';
import { Lock, MaturityLock } from './Lock';
import { useGate } from './use-gate';
import { useHistory } from './use-history';
import { useMaturity } from './use-maturity';
import styles from './WatchPage.module.css';

/** What a stream on the air does not need. */
const OffAir = lazy(() => import('./OffAir'));

/** What changes fast comes over the control channel and the event socket; this catches the rest. */
const REFRESH_MS = 15_000;
const OPTIONS: PlayerOptions = { autoplay: true, muted: false, controls: true };
/** The chat waits so long for the picture: what loads it would take from the same line. */
const CHAT_PATIENCE_MS = 2000;

/** Where the chat of a stream is shown, and over what it may travel. */
export interface ChatPlace {
  stream: Stream;
  /** The connection of the player, while there is one. */
  peer: RTCPeerConnection | null;
  /** Whether one is about to come. */
  patient: boolean;
  /** When the picture on the screen was captured, in milliseconds on the server's clock. */
  seen(): number | null;
  onFollow(following: boolean): void;
}

type ChatSlot = (place: ChatPlace) => ReactNode;

export default function WatchPage({ stream, chat }: { stream: string; chat?: ChatSlot }) {
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
        <Known key={value.id} stream={value} theatre={theatreSwitch} chat={chat} />
      </div>
    );
  return (
    <div className={styles.page} data-theatre={theatre}>
      <div className={styles.main}>
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
    </div>
  );
}

function Known({
  stream,
  theatre,
  chat,
}: {
  stream: Stream;
  theatre: { on: boolean; toggle(): void };
  chat: ChatSlot | undefined;
}) {
  const t = useT();
  const [report, setReport] = useState<PlayerReport | null>(null);
  const [peer, setPeer] = useState<RTCPeerConnection | null>(null);
  const [following, setFollowing] = useState<boolean | null>(null);
  const picture: SeenSource = useRef(null);
  const seen = useCallback(() => picture.current?.() ?? null, []);
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
  const seated = useSeated(playing && report !== null && report.phase !== 'connecting', playing);
  return (
    <>
      <div className={styles.main}>
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
              seen={picture}
              onPeer={setPeer}
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
        {shown.state === 'offline' && (
          <Suspense fallback={null}>
            <OffAir stream={stream} />
          </Suspense>
        )}
      </div>
      {chat !== undefined && playing && (
        <div className={styles.chat}>
          {seated &&
            chat({
              stream: shown,
              peer,
              patient: shown.state !== 'offline',
              seen,
              onFollow: setFollowing,
            })}
        </div>
      )}
    </>
  );
}

/** Whether it is time for the chat: the player got on, or takes its time. Once it is, it stays. */
function useSeated(ready: boolean, playing: boolean): boolean {
  const [seated, setSeated] = useState(false);
  useEffect(() => {
    if (seated || !playing) return;
    if (ready) setSeated(true);
    const timer = setTimeout(() => setSeated(true), CHAT_PATIENCE_MS);
    return () => clearTimeout(timer);
  }, [seated, ready, playing]);
  return seated;
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
