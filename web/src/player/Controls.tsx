import {
  Keyboard,
  Maximize,
  Minimize,
  Pause,
  PictureInPicture2,
  Play,
  RectangleHorizontal,
  Settings,
} from 'lucide-react';
import { IconButton } from '@/components/Button';
import { Menu } from '@/components/Menu';
import type { ViewerState } from '@/lib/rtc/whep';
import { useT } from '@/messages/i18n';
import { LatencyChip } from './LatencyChip';
import { autoLabel, qualityChoices } from './quality';
import type { Theatre } from './Player';
import type { Meter } from './use-meter';
import type { Playback } from './use-playback';
import type { Presentation } from './use-presentation';
import { Volume } from './Volume';
import styles from './Controls.module.css';

/** A RID is never empty, so the empty text can stand for the automatic choice. */
const AUTO = '';

interface ControlsProps {
  state: ViewerState;
  meter: Meter;
  playback: Playback;
  presentation: Presentation;
  theatre: Theatre | undefined;
  title: string;
  onTogglePlay(): void;
  onQuality(rid: string | null): void;
  onStats(): void;
  onKeys(): void;
  onMenu(open: boolean): void;
}

export function Controls(props: ControlsProps) {
  const { state, meter, playback, presentation, theatre } = props;
  const t = useT();
  const live = state.phase === 'live';
  const playing = !playback.paused && !playback.blocked;
  return (
    <>
      <div className={styles.top}>
        <p className={styles.title} dir="auto">
          {props.title}
        </p>
      </div>
      <div className={styles.bar}>
        <div className={styles.side}>
          <IconButton
            label={playing ? t('player.pause') : t('player.play')}
            className={styles.button}
            onClick={props.onTogglePlay}
          >
            {playing ? (
              <Pause size={20} fill="currentColor" />
            ) : (
              <Play size={20} fill="currentColor" />
            )}
          </IconButton>
          <Volume playback={playback} />
          {(live || state.phase === 'reconnecting') && (
            <button
              type="button"
              className={styles.live}
              data-behind={playback.paused || !live}
              title={playback.paused ? t('player.jumpLive') : undefined}
              aria-label={playback.paused ? t('player.jumpLive') : t('player.live')}
              onClick={playback.play}
            >
              {t('player.live')}
            </button>
          )}
        </div>
        <div className={styles.side}>
          {live && (
            <LatencyChip latency={meter.latency} history={meter.history} onClick={props.onStats} />
          )}
          <QualityMenu {...props} />
          <IconButton
            label={t('player.shortcuts')}
            className={`${styles.button} ${styles.wideOnly}`}
            onClick={props.onKeys}
          >
            <Keyboard size={20} />
          </IconButton>
          {presentation.canPictureInPicture && (
            <IconButton
              label={presentation.pictureInPicture ? t('player.pip.leave') : t('player.pip')}
              className={`${styles.button} ${styles.wideOnly}`}
              aria-pressed={presentation.pictureInPicture}
              onClick={presentation.togglePictureInPicture}
            >
              <PictureInPicture2 size={20} />
            </IconButton>
          )}
          {theatre && !presentation.fullscreen && (
            <IconButton
              label={theatre.on ? t('player.theatre.leave') : t('player.theatre')}
              className={`${styles.button} ${styles.desktopOnly}`}
              aria-pressed={theatre.on}
              onClick={theatre.toggle}
            >
              <RectangleHorizontal size={20} />
            </IconButton>
          )}
          <IconButton
            label={presentation.fullscreen ? t('player.fullscreen.leave') : t('player.fullscreen')}
            className={styles.button}
            aria-pressed={presentation.fullscreen}
            onClick={presentation.toggleFullscreen}
          >
            {presentation.fullscreen ? <Minimize size={20} /> : <Maximize size={20} />}
          </IconButton>
        </div>
      </div>
    </>
  );
}

function QualityMenu({ state, onQuality, onMenu }: ControlsProps) {
  const t = useT();
  const choices = qualityChoices(state.layers, t);
  return (
    <Menu
      label={t('player.quality')}
      trigger={<Settings size={20} />}
      triggerClass={styles.button}
      placement="above"
      groups={[
        {
          title: t('player.quality'),
          value: state.pinned ?? AUTO,
          choices: [{ value: AUTO, label: autoLabel(state, t) }, ...choices],
        },
      ]}
      onChoose={(rid) => onQuality(rid === AUTO ? null : rid)}
      onOpenChange={onMenu}
    />
  );
}
