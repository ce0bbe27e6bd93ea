import { useCallback, useEffect, useState } from 'react';
import { Eye } from 'lucide-react';
import { StatePill } from '@/components/Pill';
import { usePoll } from '@/components/use-poll';
import { streamInfo } from '@/lib/api/client';
import type { StreamState } from '@/lib/api/generated/StreamState';
import { useT } from '@/messages/i18n';
import { Player, type PlayerReport } from '@/player/Player';
import { ShareButton } from './ShareButton';
import styles from './WatchPage.module.css';

/** Title and state change seldom; what changes fast comes over the control channel. */
const REFRESH_MS = 10_000;
const OPTIONS = { autoplay: true, muted: false, controls: true };

export default function WatchPage({ stream }: { stream: string }) {
  const t = useT();
  const ask = useCallback((signal: AbortSignal) => streamInfo(stream, signal), [stream]);
  const { value: info } = usePoll(ask, REFRESH_MS);
  const [theatre, setTheatre] = useState(false);
  const [report, setReport] = useState<PlayerReport | null>(null);
  const title = info === null || info.title === '' ? stream : info.title;
  const viewers = report?.viewers ?? info?.viewers ?? null;
  const state = stateOf(report) ?? info?.state ?? null;

  useEffect(() => {
    document.title = t('watch.title', { title });
  }, [t, title]);

  return (
    <div className={styles.page} data-theatre={theatre}>
      <div className={styles.stage}>
        <Player
          stream={stream}
          title={title}
          options={OPTIONS}
          theatre={{ on: theatre, toggle: () => setTheatre(!theatre) }}
          onReport={setReport}
        />
      </div>
      <div className={styles.about}>
        <div className={styles.heading}>
          <h1 className={styles.title} dir="auto">
            {title}
          </h1>
          <p className={styles.detail}>
            {state !== null && <StatePill state={state} />}
            {title !== stream && <bdi className={styles.name}>{stream}</bdi>}
            {viewers !== null && state !== 'offline' && (
              <span className={styles.viewers}>
                <Eye size={16} aria-hidden="true" />
                {t('count.viewers', { count: viewers })}
              </span>
            )}
          </p>
        </div>
        <ShareButton stream={stream} title={title} />
      </div>
    </div>
  );
}

/** The player knows at once what the API says seconds later; null while it does not know yet. */
function stateOf(report: PlayerReport | null): StreamState | null {
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
