import { useEffect, useRef, type PointerEvent } from 'react';

/** As long as phones wait before they take a touch for a press. */
const PRESS_MS = 450;
const MOVED_PX = 10;

/** Tells which row a finger rests on. A mouse has its own way. */
export function useLongPress(onPress: (key: string) => void) {
  const timer = useRef<ReturnType<typeof setTimeout>>(undefined);
  const from = useRef({ x: 0, y: 0 });
  useEffect(() => () => clearTimeout(timer.current), []);
  const cancel = () => clearTimeout(timer.current);
  return {
    onPointerDown: ({ pointerType, target, clientX, clientY }: PointerEvent) => {
      cancel();
      const key =
        target instanceof Element && target.closest('a, button') === null
          ? target.closest<HTMLElement>('[data-key]')?.dataset.key
          : undefined;
      if (pointerType === 'mouse' || key === undefined) return;
      from.current = { x: clientX, y: clientY };
      timer.current = setTimeout(() => onPress(key), PRESS_MS);
    },
    onPointerMoveCapture: ({ clientX, clientY }: PointerEvent) => {
      const { x, y } = from.current;
      if (Math.hypot(clientX - x, clientY - y) > MOVED_PX) cancel();
    },
    onPointerUp: cancel,
    onPointerCancel: cancel,
  };
}
