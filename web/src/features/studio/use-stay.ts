import { useEffect } from 'react';

/** Asks before the tab is closed or left while it broadcasts. Tests leave without being asked. */
export function useStay(running: boolean): void {
  useEffect(() => {
    if (!running || new URLSearchParams(location.search).has('test')) return;
    const ask = (event: BeforeUnloadEvent) => event.preventDefault();
    window.addEventListener('beforeunload', ask);
    return () => window.removeEventListener('beforeunload', ask);
  }, [running]);
}
