import { useEffect, useRef, useState, type ReactNode } from 'react';
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
import { useIdle } from './use-idle';
import { useShortcutSwitch } from './use-keys';
import { useLiveControl } from './use-live-control';
import { useLiveTimeline } from './use-live-timeline';
import { useMeter } from './use-meter';
import { usePlayback } from './use-playback';
import { usePlayerKeys } from './use-player-keys';
import { usePresentation } from './use-presentation';
import { useProbe } from './use-probe';
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
  const frame = {
    root: useRef<HTMLDivElement>(null),
    video: useRef<HTMLVideoElement>(null),
    still: useRef<HTMLCanvasElement>(null),
  };
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
  const presentation = usePresentation(frame.root, video);
  const probe = useProbe();
  const meter = useMeter(viewer, video, probe);
  const numbers = useHlsMeter(hls, video, active && route === 'hls');
  const [shortcuts, setShortcuts] = useShortcutSwitch();
  const [panel, setPanel] = useState<'stats' | 'keys' | null>(null);
  const [menuOpen, setMenuOpen] = useState(false);
  const idle = useIdle(frame.root, menuOpen || playback.paused || phase !== 'live');
  const reach = useWindow(stream, credential, route === 'direct' && phase === 'live' && !idle);
  const timeline = useLiveTimeline({ viewer, hls, route, reach, video, ticking: !idle || rewound });
  useViewport(viewer, video, route === 'direct');
  usePeer(viewer, onPeer);
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
  const toggleStats = () => setPanel((now) => (now === 'stats' ? null : 'stats'));
  usePlayerKeys({
    playback,
    presentation,
    theatre,
    seeking: play.seeking,
    enabled: shortcuts,
    togglePlay,
    onEnd: play.goLive,
    onStats: toggleStats,
    onHelp: () => setPanel('keys'),
  });
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
          <HlsStatsPanel state={state} numbers={numbers} live onClose={() => setPanel(null)} />
        ) : (
          <StatsPanel state={direct} meter={meter} onClose={() => setPanel(null)} />
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
          onKeys={() => setPanel('keys')}
          onMenu={setMenuOpen}
        />
      )}
      <ShortcutsDialog
        open={panel === 'keys'}
        theatre={theatre !== undefined}
        seeks={timeline !== null}
        enabled={shortcuts}
        onEnable={setShortcuts}
        onClose={() => setPanel(null)}
      />
    </PlayerFrame>
  );
}
