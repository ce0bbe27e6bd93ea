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
    // A field that takes the focus by itself says where one is as well.
    const typing = document.activeElement?.matches('main input, main textarea') ?? false;
    if (visited && !typing) {
      const heading = document.querySelector<HTMLElement>('main h1');
      heading?.setAttribute('tabindex', '-1');
      heading?.focus({ preventScroll: true });
    }
    visited = true;
  }, []);
}
