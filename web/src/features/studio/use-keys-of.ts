import { useCallback, useEffect, useRef, useState } from 'react';
import { asProblem, useLoad, type Loaded } from '@/components/use-load';
import type { ProblemError } from '@/lib/api/problem';
import { showKey, streamKeys } from '@/lib/streams/own';
import type { Stream, StreamKey } from '@/lib/streams/types';

/** The keys of a stream that are in force; `round` asks for them again. */
export function useKeysOf(stream: Stream, round: number): Loaded<StreamKey[]> {
  const { id } = stream;
  const list = useLoad(
    useCallback(
      async (signal: AbortSignal) =>
        (await streamKeys(id, signal)).filter((key) => key.revoked_at === null),
      [id],
    ),
  );
  const { reload } = list;
  const asked = useRef(round);
  useEffect(() => {
    if (asked.current === round) return;
    asked.current = round;
    reload();
  }, [round, reload]);
  return list;
}

/** What tells a key from the one that it was rotated from, which has the same name. */
export function spokenName({ name, last4 }: StreamKey): string {
  return `${name} …${last4}`;
}

export interface ShownKeys {
  /** Texts that were asked for, by the id of their key. */
  texts: Readonly<Record<string, string>>;
  problem: ProblemError | null;
  /** The text of a key; asked for once, because each time is written down. */
  reveal(key: string): Promise<string | null>;
  hide(key: string): void;
}

export function useShownKeys(stream: Stream): ShownKeys {
  const [texts, setTexts] = useState<Readonly<Record<string, string>>>({});
  const [problem, setProblem] = useState<ProblemError | null>(null);
  const known = useRef<Record<string, string>>({});
  return {
    texts,
    problem,
    reveal: async (key) => {
      try {
        const text = known.current[key] ?? (await showKey(stream.id, key));
        known.current[key] = text;
        setTexts((before) => ({ ...before, [key]: text }));
        setProblem(null);
        return text;
      } catch (error) {
        setProblem(asProblem(error));
        return null;
      }
    },
    hide: (key) =>
      setTexts((before) => Object.fromEntries(Object.entries(before).filter(([id]) => id !== key))),
  };
}
