import { useEffect, useState } from 'react';

/** What a key does, by `KeyboardEvent.key` in lower case. */
export type KeyMap = Readonly<Record<string, () => void>>;

const STORED = 'sluice.shortcuts';

/** Single-key shortcuts can be turned off (WCAG 2.1.4). */
export function useShortcutSwitch(): [boolean, (on: boolean) => void] {
  const [on, setOn] = useState(() => localStorage.getItem(STORED) !== 'off');
  return [
    on,
    (next) => {
      localStorage.setItem(STORED, next ? 'on' : 'off');
      setOn(next);
    },
  ];
}

/** Keys of the player work everywhere on the page but in fields, menus and dialogs. */
export function useKeys(keys: KeyMap, enabled: boolean): void {
  useEffect(() => {
    if (!enabled) return;
    const onKeyDown = (event: KeyboardEvent) => {
      if (event.defaultPrevented || event.ctrlKey || event.metaKey || event.altKey) return;
      if (usesKey(event)) return;
      const action = keys[event.key.toLowerCase()];
      if (!action) return;
      event.preventDefault();
      action();
    };
    document.addEventListener('keydown', onKeyDown);
    return () => document.removeEventListener('keydown', onKeyDown);
  }, [keys, enabled]);
}

/** Whether the focused element needs the key itself. */
function usesKey(event: KeyboardEvent): boolean {
  const target = event.target instanceof Element ? event.target : null;
  if (!target) return false;
  if (
    target.closest(
      'input:not([type="range"]), select, textarea, [contenteditable], dialog, [role="menu"]',
    )
  )
    return true;
  if (target.closest('input[type="range"]'))
    return event.key.startsWith('Arrow') || event.key === 'Home' || event.key === 'End';
  return event.key === ' ' && target.closest('button, a, summary') !== null;
}
