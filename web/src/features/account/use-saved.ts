import { useState } from 'react';
import { asProblem } from '@/components/use-load';
import type { ProblemError } from '@/lib/api/problem';

export interface Saved<Values> {
  values: Values;
  problem: ProblemError | null;
  /** How often something was saved, so that the word for it can be said anew. */
  saves: number;
  change(part: Partial<Values>): void;
}

/** Choices that are saved as they are made. One that the server refuses goes back. */
export function useSaved<Values extends object>(
  known: Values,
  save: (values: Values) => Promise<Values>,
): Saved<Values> {
  const [values, setValues] = useState(known);
  const [problem, setProblem] = useState<ProblemError | null>(null);
  const [saves, setSaves] = useState(0);
  const change = (part: Partial<Values>) => {
    const next = { ...values, ...part };
    setValues(next);
    setProblem(null);
    save(next)
      .then((saved) => {
        setValues(saved);
        setSaves((count) => count + 1);
      })
      .catch((error: unknown) => {
        setValues(values);
        setProblem(asProblem(error));
      });
  };
  return { values, problem, saves, change };
}
