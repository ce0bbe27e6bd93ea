import type { ReactNode, RefObject } from 'react';
import { useTheme } from '@/components/theme';
import { useT } from '@/messages/i18n';
import type { Presentation } from './use-presentation';
import styles from './Player.module.css';

/** The elements of a player that its parts work on. */
export interface Frame {
  root: RefObject<HTMLDivElement | null>;
  video: RefObject<HTMLVideoElement | null>;
  still: RefObject<HTMLCanvasElement | null>;
}

/** The box of every player: the picture, the last one of what was before, and what lies over it. */
export function PlayerFrame({
  frame,
  title,
  phase,
  idle,
  label,
  poster,
  presentation,
  onTogglePlay,
  children,
}: {
  frame: Frame;
  title: string;
  /** Decides what becomes of the picture that stands. */
  phase: string;
  idle: boolean;
  /** What the picture is, in words; live video where absent. */
  label?: string;
  /** Shown while there is no picture. */
  poster: ReactNode;
  presentation: Presentation;
  onTogglePlay(): void;
  children: ReactNode;
}) {
  const t = useT();
  const { pictureTheme } = useTheme();
  return (
    <section
      ref={frame.root}
      className={styles.player}
      data-theme={pictureTheme}
      data-idle={idle}
      data-phase={phase}
      aria-label={t('player.label', { title })}
    >
      {poster !== null && <div className={styles.poster}>{poster}</div>}
      <video
        ref={frame.video}
        className={styles.video}
        playsInline
        aria-label={label ?? t('player.video')}
        onClick={(event) => {
          // A finger wakes the controls; pausing by that would surprise.
          if ((event.nativeEvent as PointerEvent).pointerType !== 'touch') onTogglePlay();
        }}
        onDoubleClick={presentation.toggleFullscreen}
      />
      <canvas ref={frame.still} className={styles.still} hidden />
      {children}
    </section>
  );
}
