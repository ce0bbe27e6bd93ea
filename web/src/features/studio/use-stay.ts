import { useEffect, useRef } from 'react';

/**
 * Leaving ends the broadcast, so it is asked first: the browser asks before the tab is closed or
 * reloaded, `onLeave` before a link of the app is followed. Tests leave without being asked.
 */
export function useStay(running: boolean, onLeave: () => void): void {
  const leave = useRef(onLeave);
  useEffect(() => {
    leave.current = onLeave;
  });
  useEffect(() => {
    if (!running || new URLSearchParams(location.search).has('test')) return;
    const beforeUnload = (event: BeforeUnloadEvent) => event.preventDefault();
    const beforeLink = (event: MouseEvent) => {
      const link = event.target instanceof Element ? event.target.closest('a') : null;
      const stays =
        link === null || link.target === '_blank' || link.pathname === location.pathname;
      if (stays || event.ctrlKey || event.metaKey || event.shiftKey) return;
      event.preventDefault();
      event.stopPropagation();
      leave.current();
    };
    window.addEventListener('beforeunload', beforeUnload);
    document.addEventListener('click', beforeLink, true);
    return () => {
      window.removeEventListener('beforeunload', beforeUnload);
      document.removeEventListener('click', beforeLink, true);
    };
  }, [running]);
}
