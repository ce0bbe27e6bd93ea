import { useEffect, useRef } from 'react';
import { useLocation } from 'wouter';

/** Paths that are one page: going from one to the other keeps the place and the focus. */
function pageOf(path: string): string {
  const [, first = '', second = ''] = path.split('/');
  return first === 'studio' ? `${first}/${second}` : first === 'library' ? first : path;
}

/**
 * What a browser does when a page is loaded: it begins at its top, and the keyboard and screen
 * readers begin with its content. Going back keeps the place, which the browser restores.
 */
export function useArrival(): void {
  const [path] = useLocation();
  const page = pageOf(path);
  const before = useRef(page);
  const back = useRef(false);
  useEffect(() => {
    const onPop = () => {
      back.current = true;
    };
    window.addEventListener('popstate', onPop);
    return () => window.removeEventListener('popstate', onPop);
  }, []);
  useEffect(() => {
    if (before.current === page) return;
    before.current = page;
    if (!back.current) window.scrollTo(0, 0);
    back.current = false;
    // A page that put the focus somewhere, and somebody who is typing a search, are left alone.
    const content = document.getElementById('content');
    const taken = content?.contains(document.activeElement) === true;
    if (!taken && !(document.activeElement instanceof HTMLInputElement))
      content?.focus({ preventScroll: true });
  }, [page]);
}
