import { useCallback, useState } from 'react';
import type { ProblemError } from '@/lib/api/problem';
import { asProblem } from './use-load';

/** Tries something that the server may refuse, and keeps what it said until the next try. */
export function useAttempt(): {
  failed: ProblemError | null;
  /** Whether it worked. */
  attempt(work: () => Promise<unknown>): Promise<boolean>;
} {
  const [failed, setFailed] = useState<ProblemError | null>(null);
  const attempt = useCallback(async (work: () => Promise<unknown>) => {
    setFailed(null);
    try {
      await work();
      return true;
    } catch (error) {
      setFailed(asProblem(error));
      return false;
    }
  }, []);
  return { failed, attempt };
}
