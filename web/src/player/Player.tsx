import { useEffect, useState, type ReactNode } from 'react';
import { livePlaylist } from '@/lib/hls/preflight';
import { Switchboard } from '@/lib/hls/switchboard';
import type { CredentialSource } from '@/lib/rtc/credential';
import type { ViewerState } from '@/lib/rtc/whep';
import { useT } from '@/messages/i18n';
import { Controls } from './Controls';
import { LatencyChip } from './LatencyChip';
import { LivePill } from './LivePill';
import type { PlayerOptions, Theatre } from './options';
import { PlayerFrame } from './PlayerFrame';
import { Scrub } from './Scrub';
import { qualitySetting, speedSetting, waySetting } from './settings';
import { ShortcutsDialog } from './ShortcutsDialog';
import { StateOverlay } from './StateOverlay';
import { HlsStatsPanel, StatsPanel } from './StatsPanel';
import { behindOf } from './timeline';
import { useHls } from './use-hls';
import { useHlsMeter } from './use-hls-meter';
import { useLiveControl } from './use-live-control';
import { useLiveTimeline } from './use-live-timeline';
import { useMeter } from './use-meter';
import { usePlayback } from './use-playback';
import { useFrame, usePlayerShell, useShellKeys } from './use-player-shell';
import { useProbe } from './use-probe';
import { useSeen, type SeenSource } from './use-seen';
import { useSwitchboard } from './use-switchboard';
import { usePeer, useViewer, useViewport } from './use-viewer';
import { useWindow } from './use-window';
import { WayNote } from './WayNote';

export type PlayerReport = Pick<ViewerState, 'phase' | 'viewers' | 'problem'>;

/** Without a picture there is nothing to control. */
function hasControls(phase: ViewerState['phase'], hasPicture: boolean): boolean {
  return phase === 'live' || phase === 'starting' || (phase === 'reconnecting' && hasPicture);
}

/** The player of a stream: live by a direct line or by HLS, and back in time. Fills its box. */
export function Player({
  stream,
  title,
  options,
  credential,
  poster = null,
  theatre,
  seen,
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
  seen?: SeenSource;
  /** Told of what the page may want to show beside the picture. */
  onReport?: (report: PlayerReport) => void;
  /** Told of the connection that carries the picture, for what else may travel on it. */
  onPeer?: (peer: RTCPeerConnection | null) => void;
}) {
  const t = useT();
  const frame = useFrame();
  const { video, still } = frame;
  const [active, setActive] = useState(options.autoplay);
  const { board, switched, choose } = useSwitchboard(stream);
  const { route, why, from } = switched;
  const rewound = why === 'rewound';
  const { viewer, state: direct } = useViewer(
    stream,
    active && Switchboard.keepsDirect(switched),
    credential,
  );
  useEffect(() => board.watch(viewer), [board, viewer]);
  const playback = usePlayback(
    viewer,
    video,
    still,
    route === 'direct' ? direct.stream : null,
    options.muted,
  );
  const { hls, state: byHls } = useHls({
    url: livePlaylist(stream),
    live: true,
    credential,
    active: active && route === 'hls',
    from,
    video,
    still,
    play: playback.play,
  });
  const state: Pick<
    ViewerState,
    'phase' | 'missing' | 'problem' | 'layers' | 'current' | 'pinned'
  > = route === 'hls' ? byHls : direct;
  const { phase } = state;
  const shell = usePlayerShell(frame, phase === 'live' && !playback.paused);
  const { presentation, idle, panel, toggleStats, closePanel } = shell;
  const probe = useProbe();
  const meter = useMeter(viewer, video, probe);
  const numbers = useHlsMeter(hls, video, active && route === 'hls');
  const reach = useWindow(stream, credential, route === 'direct' && phase === 'live' && !idle);
  const timeline = useLiveTimeline({ viewer, hls, route, reach, video, ticking: !idle || rewound });
  useViewport(viewer, video, route === 'direct');
  usePeer(viewer, onPeer);
  useSeen(seen, { route, hls, captured: meter.captured });
  const told = rewound ? direct : state;
  useEffect(
    () => onReport?.({ phase: told.phase, viewers: direct.viewers, problem: told.problem }),
    [told.phase, direct.viewers, told.problem, onReport],
  );

  const play = useLiveControl({ board, switched, hls, phase, timeline, playback });
  const togglePlay = () => {
    if (active) play.togglePlay();
    else setActive(true);
  };
  const { seeking, goLive: onEnd } = play;
  useShellKeys(shell, { playback, theatre, seeking, togglePlay, onEnd });
  probe.current = {
    switched,
    state,
    timeline,
    latency: route === 'hls' ? (numbers?.latency ?? null) : undefined,
    measure: () => hls.latency()?.ms ?? null,
    rewind: (seconds) => play.seek((timeline?.end ?? 0) - seconds * 1000),
    goLive: play.goLive,
    choose,
  };

  const { hasPicture } = meter;
  const jumping = rewound && (phase === 'connecting' || phase === 'starting');
  const onAir = phase === 'live' || phase === 'reconnecting' || jumping;
  const latency = route === 'hls' ? (numbers?.latency ?? null) : meter.latency;
  return (
    <PlayerFrame
      frame={frame}
      title={title}
      phase={jumping ? 'live' : phase}
      idle={idle}
      poster={!hasPicture && phase !== 'live' ? poster : null}
      presentation={presentation}
      onTogglePlay={togglePlay}
    >
      <StateOverlay
        state={state}
        hasPicture={hasPicture}
        playback={playback}
        waiting={!active}
        loading={jumping || (route === 'hls' && byHls.stalled)}
        onPlay={() => {
          setActive(true);
          playback.play();
        }}
        onRetry={() => (route === 'hls' ? hls.retryNow() : viewer.retryNow())}
      />
      {why === 'blocked' && phase === 'live' && <WayNote onRetry={() => board.retryDirect()} />}
      {panel === 'stats' &&
        (route === 'hls' ? (
          <HlsStatsPanel state={state} numbers={numbers} live onClose={closePanel} />
        ) : (
          <StatsPanel state={direct} meter={meter} onClose={closePanel} />
        ))}
      {options.controls && (hasControls(phase, hasPicture) || jumping) && (
        <Controls
          title={title}
          playback={playback}
          presentation={presentation}
          theatre={theatre}
          scrub={timeline !== null && onAir && <Scrub timeline={timeline} onSeek={play.seek} />}
          position={
            onAir && (
              <LivePill
                behind={play.behind}
                behindMs={timeline === null || timeline.atEdge ? null : behindOf(timeline)}
                onJump={play.goLive}
              />
            )
          }
          chip={
            phase === 'live' &&
            (route === 'direct' || timeline?.atEdge === true) && (
              <LatencyChip
                latency={latency}
                history={route === 'hls' ? (numbers?.history ?? []) : meter.history}
                way={route}
                onClick={toggleStats}
              />
            )
          }
          settings={[
            qualitySetting(
              state,
              (rid) => (route === 'hls' ? hls.select(rid) : viewer.select(rid)),
              t,
            ),
            ...(route === 'hls' && play.behind ? [speedSetting(play.rate, play.setRate, t)] : []),
            waySetting(switched.choice, choose, t),
          ]}
          onTogglePlay={togglePlay}
          onKeys={shell.showKeys}
          onMenu={shell.onMenu}
        />
      )}
      <ShortcutsDialog
        open={panel === 'keys'}
        theatre={theatre !== undefined}
        seeks={timeline !== null}
        enabled={shell.shortcuts}
        onEnable={shell.setShortcuts}
        onClose={closePanel}
      />
    </PlayerFrame>
  );
}
