import { useCallback, useRef, useState } from 'react';
import { ProblemError } from '@/lib/api/problem';
import type { Answer } from '@/lib/api/transport';
import { useLoad, type Loaded } from './use-load';

export interface Conflict<Value, Change> {
  /** What the server has now. */
  theirs: Value;
  /** What was about to be saved. */
  mine: Change;
  /** Saves it over theirs. */
  keepMine(): void;
  /** Gives up what was typed. */
  takeTheirs(): void;
}

export interface EditedRecord<Value, Change> extends Omit<Loaded<Value>, 'set'> {
  save(change: Change): Promise<Value>;
  conflict: Conflict<Value, Change> | null;
}

/**
 * A record that somebody else may be changing too. `save` names the version that was read; if there
 * is a newer one, the person decides which of the two to keep, and `save` goes on with that.
 */
export function useRecord<Value, Change>(
  read: (signal?: AbortSignal) => Promise<Answer<Value>>,
  write: (change: Change, ifMatch: string | null) => Promise<Answer<Value>>,
): EditedRecord<Value, Change> {
  const etag = useRef<string | null>(null);
  const [conflict, setConflict] = useState<Conflict<Value, Change> | null>(null);
  const load = useCallback(
    async (signal?: AbortSignal) => {
      const answer = await read(signal);
      etag.current = answer.etag;
      return answer.body;
    },
    [read],
  );
  const loaded = useLoad(load);
  const { set } = loaded;

  const save = useCallback(
    async (change: Change): Promise<Value> => {
      for (;;) {
        try {
          const answer = await write(change, etag.current);
          etag.current = answer.etag;
          set(() => answer.body);
          return answer.body;
        } catch (error) {
          if (!(error instanceof ProblemError) || error.status !== 412) throw error;
        }
        const theirs = await load();
        const choice = await new Promise<'mine' | 'theirs'>((resolve) =>
          setConflict({
            theirs,
            mine: change,
            keepMine: () => resolve('mine'),
            takeTheirs: () => resolve('theirs'),
          }),
        );
        setConflict(null);
        if (choice === 'theirs') {
          set(() => theirs);
          return theirs;
        }
      }
    },
    [load, set, write],
  );

  const { value, problem, loading, reload } = loaded;
  return { value, problem, loading, reload, save, conflict };
}
