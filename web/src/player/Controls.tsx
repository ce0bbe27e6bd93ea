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
import type { ReactNode } from 'react';
import { IconButton } from '@/components/Button';
import { Menu, type MenuChoice } from '@/components/Menu';
import { useT } from '@/messages/i18n';
import type { Theatre } from './options';
import type { Playback } from './use-playback';
import type { Presentation } from './use-presentation';
import { Volume } from './Volume';
import styles from './Controls.module.css';

/** A group of the menu, and what its choices do. */
export interface Setting {
  title: string;
  value: string;
  choices: readonly MenuChoice<string>[];
  choose(value: string): void;
}

/** The bar over the lower edge of the picture. */
export function Controls({
  title,
  playback,
  presentation,
  theatre,
  scrub,
  position,
  chip,
  settings,
  onTogglePlay,
  onKeys,
  onMenu,
}: {
  title: string;
  playback: Playback;
  presentation: Presentation;
  theatre: Theatre | undefined;
  /** Above the buttons. */
  scrub?: ReactNode;
  /** Where one is: a word, or a clock. */
  position?: ReactNode;
  chip?: ReactNode;
  settings: readonly Setting[];
  onTogglePlay(): void;
  onKeys(): void;
  onMenu(open: boolean): void;
}) {
  const t = useT();
  const playing = !playback.paused && !playback.blocked;
  return (
    <>
      <div className={styles.top}>
        <p className={styles.title} dir="auto">
          {title}
        </p>
      </div>
      <div className={styles.bar}>
        {scrub}
        <div className={styles.buttons}>
          <div className={styles.side}>
            <IconButton
              label={playing ? t('player.pause') : t('player.play')}
              className={styles.button}
              onClick={onTogglePlay}
            >
              {playing ? (
                <Pause size={20} fill="currentColor" />
              ) : (
                <Play size={20} fill="currentColor" />
              )}
            </IconButton>
            <Volume playback={playback} />
            {position}
          </div>
          <div className={styles.side}>
            {chip}
            <SettingsMenu settings={settings} onMenu={onMenu} />
            <IconButton
              label={t('player.shortcuts')}
              className={`${styles.button} ${styles.wideOnly}`}
              onClick={onKeys}
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
              label={
                presentation.fullscreen ? t('player.fullscreen.leave') : t('player.fullscreen')
              }
              className={styles.button}
              aria-pressed={presentation.fullscreen}
              onClick={presentation.toggleFullscreen}
            >
              {presentation.fullscreen ? <Minimize size={20} /> : <Maximize size={20} />}
            </IconButton>
          </div>
        </div>
      </div>
    </>
  );
}

/** Values of the menu name their group, so that two groups may have the same words. */
function SettingsMenu({
  settings,
  onMenu,
}: {
  settings: readonly Setting[];
  onMenu(open: boolean): void;
}) {
  const t = useT();
  const named = (index: number, value: string) => `${index}:${value}`;
  return (
    <Menu<string>
      label={t('player.settings')}
      trigger={<Settings size={20} />}
      triggerClass={styles.button}
      placement="above"
      groups={settings.map(({ title, value, choices }, index) => ({
        title,
        value: named(index, value),
        choices: choices.map((choice) => ({ ...choice, value: named(index, choice.value) })),
      }))}
      onChoose={(chosen) => {
        const colon = chosen.indexOf(':');
        settings[Number(chosen.slice(0, colon))]?.choose(chosen.slice(colon + 1));
      }}
      onOpenChange={onMenu}
    />
  );
}
