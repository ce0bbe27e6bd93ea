import { useCallback, useMemo } from 'react';
import { useSearchParams } from 'wouter';

export interface Filters<Name extends string> {
  values: Record<Name, string>;
  set(name: Name, value: string): void;
  clear(): void;
  /** Whether anything is filtered at all. */
  any: boolean;
}

/** Filters of a list, kept in the address so that a view can be bookmarked and sent to somebody. */
export function useFilters<Name extends string>(defaults: Record<Name, string>): Filters<Name> {
  const [parameters, setParameters] = useSearchParams();
  const names = Object.keys(defaults) as Name[];
  const text = names.map((name) => parameters.get(name) ?? defaults[name]).join('\u0000');
  const values = useMemo(
    () =>
      Object.fromEntries(text.split('\u0000').map((value, at) => [names[at], value])) as Record<
        Name,
        string
      >,
    // The text says all that the values say.
    // eslint-disable-next-line react-hooks/exhaustive-deps
    [text],
  );
  const set = useCallback(
    (name: Name, value: string) =>
      setParameters(
        (before) => {
          const next = new URLSearchParams(before);
          if (value === defaults[name]) next.delete(name);
          else next.set(name, value);
          return next;
        },
        { replace: true },
      ),
    // eslint-disable-next-line react-hooks/exhaustive-deps
    [setParameters],
  );
  const clear = useCallback(
    () => setParameters(() => new URLSearchParams(), { replace: true }),
    [setParameters],
  );
  return { values, set, clear, any: names.some((name) => values[name] !== defaults[name]) };
}
