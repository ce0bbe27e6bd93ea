import { useEffect, useState } from 'react';
import { authorized } from '@/lib/api/call';

/**
 * The address of a picture. One that the server does not give to everybody is asked for again in the
 * name of whoever is signed in; null where there is none.
 */
export function usePrivatePicture(address: string | null): {
  src: string | null;
  onError(): void;
} {
  const [refused, setRefused] = useState<string | null>(null);
  const [own, setOwn] = useState<{ of: string; url: string | null } | null>(null);
  useEffect(() => {
    if (refused === null || refused !== address) return;
    const abort = new AbortController();
    let made: string | null = null;
    const ask = async () => {
      const answer = await authorized(refused, { signal: abort.signal });
      if (!answer.ok) throw new Error(`HTTP ${answer.status}`);
      made = URL.createObjectURL(await answer.blob());
      if (!abort.signal.aborted) setOwn({ of: refused, url: made });
    };
    ask().catch(() => {
      if (!abort.signal.aborted) setOwn({ of: refused, url: null });
    });
    return () => {
      abort.abort();
      if (made !== null) URL.revokeObjectURL(made);
    };
  }, [refused, address]);
  const onError = () => setRefused(address);
  if (refused !== address) return { src: address, onError };
  return { src: own?.of === address ? own.url : null, onError: () => setOwn(null) };
}
