import { useEffect } from 'react';

/** The title of the page in the tab; null is the name of the product alone. */
export function useTitle(title: string | null): void {
  useEffect(() => {
    document.title = title === null ? 'Sluice' : `${title} · Sluice`;
  }, [title]);
}
