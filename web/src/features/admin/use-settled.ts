import { useEffect, useState } from 'react';

/** Long enough for the next letter, short enough to feel immediate. */
const SETTLE_MS = 200;

/** The value once it has stopped changing, so that not every letter is a request. */
export function useSettled<Value>(value: Value): Value {
  const [settled, setSettled] = useState(value);
  useEffect(() => {
    const timer = setTimeout(() => setSettled(value), SETTLE_MS);
    return () => clearTimeout(timer);
  }, [value]);
  return settled;
}
