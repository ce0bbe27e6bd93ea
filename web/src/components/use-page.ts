import { useEffect } from 'react';

let visited = false;

/**
 * Names the page in the tab, and puts the focus on its heading when it was reached from another
 * page of the app: whoever does not see the screen hears where they are.
 */
export function usePage(title: string): void {
  useEffect(() => {
    document.title = `${title} · Sluice`;
  }, [title]);
  useEffect(() => {
    if (visited) {
      const heading = document.querySelector<HTMLElement>('main h1');
      heading?.setAttribute('tabindex', '-1');
      heading?.focus({ preventScroll: true });
      window.scrollTo(0, 0);
    }
    visited = true;
  }, []);
}
