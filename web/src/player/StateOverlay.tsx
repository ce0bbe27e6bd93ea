import { CirclePause, RotateCw, WifiOff } from 'lucide-react';
import { Button } from '@/components/Button';
import { Logo } from '@/components/Logo';
import { ProblemText } from '@/components/ProblemNote';
import type { ViewerState } from '@/lib/rtc/whep';
import { useT } from '@/messages/i18n';
import { CheckLink } from './CheckLink';
import { BigPlay, Card, Gate, Soon, Strip, UnmuteHint } from './OverlayParts';
import type { Playback } from './use-playback';
import styles from './StateOverlay.module.css';

/** Refusals whose reason may lie between here and the server, or in this browser. */
const OF_THE_LINE: ReadonlySet<string> = new Set([
  'network',
  'timeout',
  'unexpected',
  'no_common_codec',
  'hls_codec_unsupported',
]);

interface StateOverlayProps {
  state: Pick<ViewerState, 'phase' | 'missing' | 'problem'>;
  hasPicture: boolean;
  playback: Playback;
  /** Not started: autoplay is off. */
  waiting: boolean;
  /** The picture stays while the next one is on its way: a jump, or more to load. */
  loading?: boolean;
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
  loading = false,
  onPlay,
  onRetry,
}: StateOverlayProps) {
  const t = useT();
  if (waiting || playback.blocked)
    return <BigPlay label={waiting ? t('player.play') : t('player.blocked')} onPlay={onPlay} />;
  switch (state.phase) {
    case 'connecting':
      return loading && hasPicture ? (
        <Soon />
      ) : (
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
      return loading && hasPicture ? (
        <Soon />
      ) : (
        <Card icon={<Gate />} title={t('player.starting')} text={t('player.starting.text')} />
      );
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
          {OF_THE_LINE.has(state.problem?.code ?? '') && <CheckLink />}
        </Card>
      );
    case 'reconnecting': {
      const text = t(`player.reconnecting.${state.missing ?? 'connection'}`);
      // The last picture stays in view; only where there is none the message takes the middle.
      if (hasPicture) return <Strip title={t('player.reconnecting')} text={text} />;
      const reason = state.problem === null ? text : <ProblemText problem={state.problem} />;
      return (
        <Card icon={<Gate />} title={t('player.reconnecting')} text={reason}>
          {state.missing !== 'publisher' && <CheckLink />}
        </Card>
      );
    }
    case 'live':
      if (!hasPicture)
        return (
          <Card icon={<Gate />} title={t('player.starting')} text={t('player.starting.text')} />
        );
      return loading ? <Soon /> : null;
  }
}
