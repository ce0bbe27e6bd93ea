import { useCallback, useEffect, useRef, useState } from 'react';
import type { ProblemError } from '@/lib/api/problem';
import type { List } from '@/lib/api/types';
import { asProblem } from './use-load';

export interface CursorList<Item> {
  /** Null until the first page is there. */
  items: Item[] | null;
  problem: ProblemError | null;
  loading: boolean;
  /** Whether the server has more. */
  more: boolean;
  loadMore(): void;
  reload(): void;
  change(change: (items: Item[]) => Item[]): void;
}

/** A list that comes in pages. Another `load` starts it anew, and old items stay until it answers. */
export function useCursorList<Item>(
  load: (cursor: string | null, signal: AbortSignal) => Promise<List<Item>>,
): CursorList<Item> {
  const [items, setItems] = useState<Item[] | null>(null);
  const [cursor, setCursor] = useState<string | null>(null);
  const [problem, setProblem] = useState<ProblemError | null>(null);
  const [loading, setLoading] = useState(true);
  const [round, setRound] = useState(0);
  const running = useRef<AbortController>(null);

  const ask = useCallback(
    (from: string | null) => {
      running.current?.abort();
      const abort = new AbortController();
      running.current = abort;
      setLoading(true);
      load(from, abort.signal)
        .then((page) => {
          if (abort.signal.aborted) return;
          setItems((before) => (from === null ? page.items : [...(before ?? []), ...page.items]));
          setCursor(page.next_cursor);
          setProblem(null);
        })
        .catch((error: unknown) => {
          if (!abort.signal.aborted) setProblem(asProblem(error));
        })
        .finally(() => {
          if (!abort.signal.aborted) setLoading(false);
        });
    },
    [load],
  );

  useEffect(() => {
    ask(null);
    return () => running.current?.abort();
  }, [ask, round]);

  return {
    items,
    problem,
    loading,
    more: cursor !== null,
    loadMore: () => {
      if (cursor !== null && !loading) ask(cursor);
    },
    reload: useCallback(() => setRound((count) => count + 1), []),
    change: useCallback((change) => setItems((before) => before && change(before)), []),
  };
}
