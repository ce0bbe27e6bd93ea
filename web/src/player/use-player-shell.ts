import { useRef, useState, type RefObject } from 'react';
import type { Theatre } from './options';
import type { Frame } from './PlayerFrame';
import { useIdle } from './use-idle';
import { useShortcutSwitch } from './use-keys';
import type { Playback } from './use-playback';
import { usePlayerKeys, type Seeking } from './use-player-keys';
import { usePresentation, type Presentation } from './use-presentation';

export interface PlayerShell {
  presentation: Presentation;
  /** Nobody moves, and nothing is open: the controls may fade. */
  idle: boolean;
  panel: 'stats' | 'keys' | null;
  shortcuts: boolean;
  setShortcuts(on: boolean): void;
  toggleStats(): void;
  showKeys(): void;
  closePanel(): void;
  onMenu(open: boolean): void;
}

/** The elements that a player and what lies over it work on. */
export function useFrame(): Frame {
  return {
    root: useRef<HTMLDivElement>(null),
    video: useRef<HTMLVideoElement>(null),
    still: useRef<HTMLCanvasElement>(null),
  };
}

/** What is the same around every picture: full screen, fading controls, panels. */
export function usePlayerShell(
  { root, video }: { root: RefObject<HTMLDivElement | null>; video: Frame['video'] },
  /** Whether a picture moves that should have the screen for itself. */
  moves: boolean,
): PlayerShell {
  const [shortcuts, setShortcuts] = useShortcutSwitch();
  const [panel, setPanel] = useState<PlayerShell['panel']>(null);
  const [menuOpen, setMenuOpen] = useState(false);
  return {
    presentation: usePresentation(root, video),
    idle: useIdle(root, menuOpen || !moves),
    panel,
    shortcuts,
    setShortcuts,
    toggleStats: () => setPanel((now) => (now === 'stats' ? null : 'stats')),
    showKeys: () => setPanel('keys'),
    closePanel: () => setPanel(null),
    onMenu: setMenuOpen,
  };
}

/** The keys of a player within its shell. */
export function useShellKeys(
  shell: PlayerShell,
  actions: {
    playback: Playback;
    theatre: Theatre | undefined;
    seeking: Seeking | null;
    togglePlay(): void;
    onEnd(): void;
  },
): void {
  usePlayerKeys({
    ...actions,
    presentation: shell.presentation,
    enabled: shell.shortcuts,
    onStats: shell.toggleStats,
    onHelp: shell.showKeys,
  });
}
