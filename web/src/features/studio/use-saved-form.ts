import { useEffect, useState } from 'react';
import { useForm, type FormErrors, type FormState } from '@/components/use-form';

/** A form over a record of the server: what it has after a change is what the form shows then. */
export function useSavedForm<Saved, Values extends object>({
  saved: first,
  valuesOf,
  check,
  save,
}: {
  saved: Saved;
  valuesOf(saved: Saved): Values;
  check(values: Values): FormErrors<Values>;
  /** `base` is what was there before: only what differs from it is to be sent. */
  save(values: Values, base: Values): Promise<Saved>;
}): FormState<Values> {
  const [base, setBase] = useState(() => valuesOf(first));
  const [saved, setSaved] = useState<Values | null>(null);
  const form = useForm<Values>({
    initial: base,
    check,
    submit: async (values) => setSaved(valuesOf(await save(values, base))),
  });
  const { reset } = form;
  // What the server has now counts: it may have trimmed, or somebody else's version was taken.
  useEffect(() => {
    if (saved === null) return;
    setBase(saved);
    reset(saved);
    setSaved(null);
  }, [saved, reset]);
  return form;
}
