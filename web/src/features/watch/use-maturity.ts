import { useState } from 'react';
import { useSession } from '@/components/session';
import { MATURITIES, type Maturity, type Stream } from '@/lib/streams/types';

/** What strangers are shown without a question. */
const USUAL_LIMIT: Maturity = 'teen';

/** Asked once a tab for each stream that is above the limit of whoever is here. */
export function useMaturity(stream: Pick<Stream, 'id' | 'maturity' | 'editable'>): {
  accepted: boolean;
  accept(): void;
} {
  const { me } = useSession();
  const [accepted, setAccepted] = useState(() => sessionStorage.getItem(keyOf(stream)) !== null);
  const limit = me?.privacy.maturity_limit ?? USUAL_LIMIT;
  const above = MATURITIES.indexOf(stream.maturity) > MATURITIES.indexOf(limit);
  return {
    accepted: accepted || !above || stream.editable,
    accept: () => {
      sessionStorage.setItem(keyOf(stream), 'yes');
      setAccepted(true);
    },
  };
}

function keyOf({ id }: Pick<Stream, 'id'>): string {
  return `sluice.mature.${id}`;
}
