import { RotateCcw } from 'lucide-react';
import { useEffect, useState, type ReactNode, type RefObject } from 'react';
import { durationText } from '@/components/units';
import type { CredentialSource } from '@/lib/rtc/credential';
import { useT } from '@/messages/i18n';
import { Controls } from './Controls';
import type { PlayerOptions, Theatre } from './options';
import { BigPlay } from './OverlayParts';
import { PlayerFrame } from './PlayerFrame';
import { Scrub } from './Scrub';
import { nextRate, qualitySetting, speedSetting } from './settings';
import { ShortcutsDialog } from './ShortcutsDialog';
import { StateOverlay } from './StateOverlay';
import { HlsStatsPanel } from './StatsPanel';
import { momentAt, within, type Chapter } from './timeline';
import { useHls } from './use-hls';
import { useHlsMeter } from './use-hls-meter';
import { usePlayback } from './use-playback';
import { useFrame, usePlayerShell, useShellKeys } from './use-player-shell';
import { useRecordingProbe } from './use-recording-probe';
import { useRecordingTimeline } from './use-recording-timeline';
import { useStoryboard } from './use-storyboard';
import styles from './StateOverlay.module.css';

/** What the page around a player of a recording may do with it. */
export interface RecordingControl {
  seek(to: number): void;
  play(): void;
}

/** The player of a recording. Times are those of what is played, from its first picture. */
export function RecordingPlayer({
  url,
  title,
  options,
  credential,
  poster = null,
  storyboard,
  cut = 0,
  chapters = [],
  from,
  theatre,
  control,
  onTime,
}: {
  /** Of its master playlist. */
  url: string;
  title: string;
  options: PlayerOptions;
  credential?: CredentialSource | undefined;
  poster?: ReactNode;
  /** Where the small pictures of the bar are. */
  storyboard: string | null;
  /** What was cut off at the beginning, in milliseconds. */
  cut?: number;
  chapters?: readonly Chapter[];
  /** Where it begins, in milliseconds; null is the start. */
  from: number | null;
  theatre?: Theatre;
  control?: RefObject<RecordingControl | null>;
  /** Told some times a second where it is. */
  onTime?: (at: number, playing: boolean) => void;
}) {
  const t = useT();
  const frame = useFrame();
  const { video, still } = frame;
  const [active, setActive] = useState(options.autoplay);
  const [begin] = useState(from);
  const playback = usePlayback(null, video, still, null, options.muted);
  const { hls, state } = useHls({
    url,
    live: false,
    credential,
    active,
    from: begin,
    video,
    still,
    play: playback.play,
  });
  const { phase } = state;
  const shell = usePlayerShell(frame, phase === 'live' && !playback.paused);
  const { presentation, idle, panel, closePanel } = shell;
  const numbers = useHlsMeter(hls, video, active);
  const [rate, setRate] = useState(1);
  const timeline = useRecordingTimeline(hls, video, active);
  const tiles = useStoryboard(active ? storyboard : null, credential, cut);
  const hasPicture = timeline !== null && (phase !== 'connecting' || timeline.at > 0);
  const ended = phase === 'ended';

  const seek = (to: number) => {
    if (timeline === null) return;
    hls.seek(within(timeline, to));
    if (ended) playback.play();
  };
  const togglePlay = () => {
    if (!active) setActive(true);
    else if (ended) seek(0);
    else playback.togglePlay();
  };
  const changeRate = (next: number) => {
    setRate(next);
    hls.setRate(next);
  };
  useShellKeys(shell, {
    playback,
    theatre,
    seeking:
      timeline === null
        ? null
        : {
            skip: (by) => seek(timeline.at + by),
            faster: (direction) => changeRate(nextRate(rate, direction)),
            toTenth: (tenth) => seek(momentAt(timeline, tenth / 10)),
          },
    togglePlay,
    onEnd: () => {
      if (timeline !== null) seek(timeline.end);
    },
  });
  const { play } = playback;
  useEffect(() => {
    if (control === undefined) return;
    control.current = {
      seek: (to) => {
        if (!active) setActive(true);
        hls.seek(to);
        play();
      },
      play,
    };
    return () => {
      control.current = null;
    };
  }, [control, hls, active, play]);
  useRecordingProbe(hls, video, timeline);
  const at = timeline?.at ?? null;
  useEffect(() => {
    if (at !== null) onTime?.(at, phase === 'live');
  }, [at, phase, onTime]);

  return (
    <PlayerFrame
      frame={frame}
      title={title}
      phase={ended ? 'live' : phase}
      idle={idle}
      label={t('player.recording')}
      poster={timeline === null ? poster : null}
      presentation={presentation}
      onTogglePlay={togglePlay}
    >
      {ended ? (
        <div role="status" className={styles.layer}>
          <BigPlay
            label={t('player.again')}
            icon={<RotateCcw size={32} aria-hidden="true" />}
            onPlay={togglePlay}
          />
        </div>
      ) : (
        <StateOverlay
          state={state}
          hasPicture={hasPicture || phase === 'starting' || phase === 'connecting'}
          playback={playback}
          waiting={!active}
          loading={state.stalled || phase === 'connecting' || phase === 'starting'}
          onPlay={() => {
            setActive(true);
            playback.play();
          }}
          onRetry={() => hls.retryNow()}
        />
      )}
      {panel === 'stats' && (
        <HlsStatsPanel state={state} numbers={numbers} live={false} onClose={closePanel} />
      )}
      {options.controls && timeline !== null && phase !== 'failed' && (
        <Controls
          title={title}
          playback={playback}
          presentation={presentation}
          theatre={theatre}
          scrub={<Scrub timeline={timeline} chapters={chapters} tiles={tiles} onSeek={seek} />}
          position={
            <span className={styles.clock}>
              <strong>{durationText(timeline.at)}</strong> / {durationText(timeline.end)}
            </span>
          }
          settings={[
            qualitySetting(state, (rid) => hls.select(rid), t),
            speedSetting(rate, changeRate, t),
          ]}
          onTogglePlay={togglePlay}
          onKeys={shell.showKeys}
          onMenu={shell.onMenu}
        />
      )}
      <ShortcutsDialog
        open={panel === 'keys'}
        theatre={theatre !== undefined}
        recording
        enabled={shell.shortcuts}
        onEnable={shell.setShortcuts}
        onClose={closePanel}
      />
    </PlayerFrame>
  );
}
