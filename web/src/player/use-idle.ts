import { useEffect, useState, type RefObject } from 'react';

/** Controls leave the picture this long after the last movement. */
const IDLE_MS = 3000;

/** True while nothing moves over the element and nothing in it has the keyboard's focus. */
export function useIdle(root: RefObject<HTMLElement | null>, keepAwake: boolean): boolean {
  const [idle, setIdle] = useState(false);
  useEffect(() => {
    const element = root.current;
    if (!element) return;
    let timer: ReturnType<typeof setTimeout> | undefined;
    const wake = () => {
      setIdle(false);
      clearTimeout(timer);
      timer = setTimeout(() => setIdle(!element.querySelector(':focus-visible')), IDLE_MS);
    };
    const leave = () => {
      clearTimeout(timer);
      timer = setTimeout(() => setIdle(!element.querySelector(':focus-visible')), IDLE_MS / 4);
    };
    const waking = ['pointermove', 'pointerdown', 'keydown', 'focusin'] as const;
    waking.forEach((type) => element.addEventListener(type, wake));
    element.addEventListener('pointerleave', leave);
    wake();
    return () => {
      clearTimeout(timer);
      waking.forEach((type) => element.removeEventListener(type, wake));
      element.removeEventListener('pointerleave', leave);
    };
  }, [root]);
  return idle && !keepAwake;
}
