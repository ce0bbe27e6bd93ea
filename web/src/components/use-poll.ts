import { useCallback, useEffect, useState } from 'react';
import { ProblemError } from '@/lib/api/problem';

export interface Polled<Value> {
  value: Value | null;
  problem: ProblemError | null;
  /** Asks now. */
  refresh(): void;
}

/** Asks again and again while the tab is visible. The last value stays while the server is away. */
export function usePoll<Value>(
  ask: ((signal: AbortSignal) => Promise<Value>) | null,
  every: number,
): Polled<Value> {
  const [state, setState] = useState<Omit<Polled<Value>, 'refresh'>>({
    value: null,
    problem: null,
  });
  const [round, setRound] = useState(0);
  useEffect(() => {
    if (ask === null) return;
    const abort = new AbortController();
    let timer: ReturnType<typeof setTimeout> | undefined;
    const run = async () => {
      clearTimeout(timer);
      if (!document.hidden) {
        try {
          const value = await ask(abort.signal);
          if (!abort.signal.aborted) setState({ value, problem: null });
        } catch (error) {
          if (abort.signal.aborted) return;
          const problem =
            error instanceof ProblemError
              ? error
              : new ProblemError('unexpected', { cause: error });
          setState((before) => ({ ...before, problem }));
        }
      }
      if (!abort.signal.aborted) timer = setTimeout(() => void run(), every);
    };
    const onVisible = () => {
      if (!document.hidden) void run();
    };
    document.addEventListener('visibilitychange', onVisible);
    void run();
    return () => {
      abort.abort();
      clearTimeout(timer);
      document.removeEventListener('visibilitychange', onVisible);
    };
  }, [ask, every, round]);
  const refresh = useCallback(() => setRound((count) => count + 1), []);
  return { ...state, refresh };
}
