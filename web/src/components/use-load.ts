import { useCallback, useEffect, useState } from 'react';
import { ProblemError } from '@/lib/api/problem';

export interface Loaded<Value> {
  /** Null until the first answer; the last one stays while a newer one is asked for. */
  value: Value | null;
  problem: ProblemError | null;
  loading: boolean;
  reload(): void;
  /** Puts in what an answer to a change said, without asking again. */
  set(change: (value: Value) => Value): void;
}

export function asProblem(error: unknown): ProblemError {
  return error instanceof ProblemError ? error : new ProblemError('unexpected', { cause: error });
}

/** Asks once, and again when `load` is another function. */
export function useLoad<Value>(load: (signal: AbortSignal) => Promise<Value>): Loaded<Value> {
  const [state, setState] = useState<{ value: Value | null; problem: ProblemError | null }>({
    value: null,
    problem: null,
  });
  const [loading, setLoading] = useState(true);
  const [round, setRound] = useState(0);
  useEffect(() => {
    const abort = new AbortController();
    setLoading(true);
    load(abort.signal)
      .then((value) => {
        if (!abort.signal.aborted) setState({ value, problem: null });
      })
      .catch((error: unknown) => {
        if (!abort.signal.aborted) setState(({ value }) => ({ value, problem: asProblem(error) }));
      })
      .finally(() => {
        if (!abort.signal.aborted) setLoading(false);
      });
    return () => abort.abort();
  }, [load, round]);
  const reload = useCallback(() => setRound((count) => count + 1), []);
  const set = useCallback(
    (change: (value: Value) => Value) =>
      setState(({ value, problem }) => ({ value: value && change(value), problem })),
    [],
  );
  return { ...state, loading, reload, set };
}
