import { useEffect, useRef, useState, type ReactNode } from 'react';
import { useTheme } from '@/components/theme';
import type { CredentialSource } from '@/lib/rtc/credential';
import type { ViewerState } from '@/lib/rtc/whep';
import { useT } from '@/messages/i18n';
import { Controls } from './Controls';
import { ShortcutsDialog } from './ShortcutsDialog';
import { StateOverlay } from './StateOverlay';
import { StatsPanel } from './StatsPanel';
import { useIdle } from './use-idle';
import { useKeys, useShortcutSwitch } from './use-keys';
import { useMeter } from './use-meter';
import { usePlayback } from './use-playback';
import { usePresentation } from './use-presentation';
import { usePeer, useViewer, useViewport } from './use-viewer';
import styles from './Player.module.css';

export interface PlayerOptions {
  autoplay: boolean;
  muted: boolean;
  controls: boolean;
}

export type PlayerReport = Pick<ViewerState, 'phase' | 'viewers' | 'problem'>;

export interface Theatre {
  on: boolean;
  toggle(): void;
}

const VOLUME_STEP = 0.05;

/** Without a picture there is nothing to control. */
function hasControls(phase: ViewerState['phase'], hasPicture: boolean): boolean {
  return phase === 'live' || phase === 'starting' || (phase === 'reconnecting' && hasPicture);
}

/** The player: picture, controls, states, measurements. Fills the box that it is put in. */
export function Player({
  stream,
  title,
  options,
  credential,
  poster = null,
  theatre,
  onReport,
  onPeer,
}: {
  stream: string;
  title: string;
  options: PlayerOptions;
  /** Where the stream is not for everybody. */
  credential?: CredentialSource | undefined;
  /** Shown while there is no picture of the stream itself. */
  poster?: ReactNode;
  theatre?: Theatre;
  /** Told of what the page may want to show beside the picture. */
  onReport?: (report: PlayerReport) => void;
  /** Told of the connection that carries the picture, for what else may travel on it. */
  onPeer?: (peer: RTCPeerConnection | null) => void;
}) {
  const t = useT();
  const { pictureTheme } = useTheme();
  const root = useRef<HTMLDivElement>(null);
  const video = useRef<HTMLVideoElement>(null);
  const still = useRef<HTMLCanvasElement>(null);
  const [active, setActive] = useState(options.autoplay);
  const { viewer, state } = useViewer(stream, active, credential);
  const playback = usePlayback(viewer, video, still, state.stream, options.muted);
  const presentation = usePresentation(root, video);
  const meter = useMeter(viewer, video);
  const [shortcuts, setShortcuts] = useShortcutSwitch();
  const [panel, setPanel] = useState<'stats' | 'keys' | null>(null);
  const [menuOpen, setMenuOpen] = useState(false);
  const idle = useIdle(root, menuOpen || playback.paused || state.phase !== 'live');
  useViewport(viewer, video);
  usePeer(viewer, onPeer);
  useEffect(
    () => onReport?.({ phase: state.phase, viewers: state.viewers, problem: state.problem }),
    [state.phase, state.viewers, state.problem, onReport],
  );

  const toggleStats = () => setPanel((now) => (now === 'stats' ? null : 'stats'));
  const togglePlay = () => {
    if (active) playback.togglePlay();
    else setActive(true);
  };
  const keys = {
    ' ': togglePlay,
    k: togglePlay,
    m: playback.toggleMute,
    f: presentation.toggleFullscreen,
    p: presentation.togglePictureInPicture,
    arrowup: () => playback.setVolume(playback.volume + VOLUME_STEP),
    arrowdown: () => playback.setVolume(playback.volume - VOLUME_STEP),
    end: playback.play,
    i: toggleStats,
    '?': () => setPanel('keys'),
    ...(theatre ? { t: theatre.toggle } : {}),
  };
  useKeys(keys, shortcuts);

  return (
    <section
      ref={root}
      className={styles.player}
      data-theme={pictureTheme}
      data-idle={idle}
      data-phase={state.phase}
      aria-label={t('player.label', { title })}
    >
      {poster !== null && !meter.hasPicture && state.phase !== 'live' && (
        <div className={styles.poster}>{poster}</div>
      )}
      <video
        ref={video}
        className={styles.video}
        playsInline
        aria-label={t('player.video')}
        onClick={(event) => {
          // A finger wakes the controls; pausing by that would surprise.
          if ((event.nativeEvent as PointerEvent).pointerType !== 'touch') togglePlay();
        }}
        onDoubleClick={presentation.toggleFullscreen}
      />
      <canvas ref={still} className={styles.still} hidden />
      <StateOverlay
        state={state}
        hasPicture={meter.hasPicture}
        playback={playback}
        waiting={!active}
        onPlay={() => {
          setActive(true);
          playback.play();
        }}
        onRetry={() => viewer.retryNow()}
      />
      {panel === 'stats' && (
        <StatsPanel state={state} meter={meter} onClose={() => setPanel(null)} />
      )}
      {options.controls && hasControls(state.phase, meter.hasPicture) && (
        <Controls
          state={state}
          meter={meter}
          playback={playback}
          presentation={presentation}
          theatre={theatre}
          title={title}
          onTogglePlay={togglePlay}
          onQuality={(rid) => viewer.select(rid)}
          onStats={toggleStats}
          onKeys={() => setPanel('keys')}
          onMenu={setMenuOpen}
        />
      )}
      <ShortcutsDialog
        open={panel === 'keys'}
        theatre={theatre !== undefined}
        enabled={shortcuts}
        onEnable={setShortcuts}
        onClose={() => setPanel(null)}
      />
    </section>
  );
}
