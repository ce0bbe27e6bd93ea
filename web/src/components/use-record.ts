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

/** A record that changes faster than this is not one that people edit. */
const ATTEMPTS = 5;

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
  const base = useRef<Value | null>(null);
  base.current = loaded.value;

  const save = useCallback(
    async (change: Change): Promise<Value> => {
      for (let attempt = 1; ; attempt += 1) {
        try {
          const answer = await write(change, etag.current);
          etag.current = answer.etag;
          set(() => answer.body);
          return answer.body;
        } catch (error) {
          if (!(error instanceof ProblemError) || error.status !== 412) throw error;
          if (attempt === ATTEMPTS) throw error;
        }
        const theirs = await load();
        // Somebody changed another part of it: both changes can stand.
        if (!touched(change, base.current, theirs)) {
          base.current = theirs;
          continue;
        }
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

/** Whether the newer version differs from the one that was read in a member that is to be changed. */
function touched(change: unknown, base: unknown, theirs: unknown): boolean {
  const [before, now] = [base, theirs] as (Record<string, unknown> | null)[];
  return Object.keys(change as object).some(
    (name) => JSON.stringify(before?.[name]) !== JSON.stringify(now?.[name]),
  );
}
