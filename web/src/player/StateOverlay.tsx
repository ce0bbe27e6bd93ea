import { CirclePause, Play, RotateCw, VolumeX, WifiOff } from 'lucide-react';
import type { ReactNode } from 'react';
import { Button } from '@/components/Button';
import { Logo } from '@/components/Logo';
import { ProblemText } from '@/components/ProblemNote';
import type { ViewerState } from '@/lib/rtc/whep';
import { useT } from '@/messages/i18n';
import type { Playback } from './use-playback';
import styles from './StateOverlay.module.css';

interface StateOverlayProps {
  state: ViewerState;
  hasPicture: boolean;
  playback: Playback;
  /** Not started: autoplay is off. */
  waiting: boolean;
  onPlay(): void;
  onRetry(): void;
}

/** What stands over the picture when it is not simply playing. */
export function StateOverlay(props: StateOverlayProps) {
  return (
    <>
      <div role="status" className={styles.layer}>
        <Announcement {...props} />
      </div>
      {props.state.phase === 'live' && props.playback.mutedByBrowser && (
        <UnmuteHint playback={props.playback} />
      )}
    </>
  );
}

function Announcement({
  state,
  hasPicture,
  playback,
  waiting,
  onPlay,
  onRetry,
}: StateOverlayProps) {
  const t = useT();
  if (waiting || playback.blocked)
    return <BigPlay label={waiting ? t('player.play') : t('player.blocked')} onPlay={onPlay} />;
  switch (state.phase) {
    case 'connecting':
      return (
        <Card icon={<Gate />} title={t('player.connecting')} text={t('player.connecting.text')} />
      );
    case 'offline':
      return (
        <Card
          icon={<Logo size={32} />}
          title={t('player.offline')}
          text={t('player.offline.text')}
        />
      );
    case 'starting':
      return <Card icon={<Gate />} title={t('player.starting')} text={t('player.starting.text')} />;
    case 'ended':
      return (
        <Card
          icon={<CirclePause size={32} />}
          title={t('player.ended')}
          text={t('player.ended.text')}
        />
      );
    case 'failed':
      return (
        <Card
          icon={<WifiOff size={32} />}
          title={t('player.failed')}
          text={state.problem && <ProblemText problem={state.problem} />}
        >
          <Button look="primary" icon={<RotateCw size={16} />} onClick={onRetry}>
            {t('action.retry')}
          </Button>
        </Card>
      );
    case 'reconnecting': {
      const text = t(`player.reconnecting.${state.missing ?? 'connection'}`);
      // The last picture stays in view; only where there is none the message takes the middle.
      if (!hasPicture) {
        const reason = state.problem === null ? text : <ProblemText problem={state.problem} />;
        return <Card icon={<Gate />} title={t('player.reconnecting')} text={reason} />;
      }
      return (
        <p className={styles.strip}>
          <Gate small />
          <span>
            <strong>{t('player.reconnecting')}</strong>{' '}
            <span className={styles.stripText}>{text}</span>
          </span>
        </p>
      );
    }
    case 'live':
      return hasPicture ? null : (
        <Card icon={<Gate />} title={t('player.starting')} text={t('player.starting.text')} />
      );
  }
}

function Card({
  icon,
  title,
  text,
  children,
}: {
  icon: ReactNode;
  title: string;
  text: ReactNode;
  children?: ReactNode;
}) {
  return (
    <div className={styles.card}>
      <div className={styles.icon}>{icon}</div>
      <p className={styles.title}>{title}</p>
      <p className={styles.text}>{text}</p>
      {children}
    </div>
  );
}

/** The sign of something that comes: water that runs through the gate. */
function Gate({ small = false }: { small?: boolean }) {
  return (
    <span className={small ? styles.gateSmall : styles.gate} aria-hidden="true">
      <span />
    </span>
  );
}

function BigPlay({ label, onPlay }: { label: string; onPlay(): void }) {
  return (
    <button type="button" className={styles.bigPlay} onClick={onPlay}>
      <span className={styles.disc}>
        <Play size={32} fill="currentColor" aria-hidden="true" />
      </span>
      {label}
    </button>
  );
}

function UnmuteHint({ playback }: { playback: Playback }) {
  const t = useT();
  return (
    <button type="button" className={styles.unmute} onClick={playback.toggleMute}>
      <VolumeX size={18} aria-hidden="true" />
      {t('player.unmuteHint')}
    </button>
  );
}
