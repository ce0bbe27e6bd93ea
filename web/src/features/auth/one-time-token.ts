import { useState } from 'react';

/**
 * The token of a link in a mail. It is taken out of the address at once, so that it does not stay
 * in the history or go along to another site.
 */
export function useOneTimeToken(): string {
  const [token] = useState(() => {
    const fragment = new URLSearchParams(location.hash.slice(1));
    const query = new URLSearchParams(location.search);
    return fragment.get('token') ?? query.get('token') ?? '';
  });
  useState(() => {
    if (token !== '') history.replaceState(history.state, '', location.pathname);
  });
  return token;
}
