import { useRef, useState, type ChangeEvent, type SyntheticEvent } from 'react';
import type { ProblemError } from '@/lib/api/problem';
import { hasMessage } from '@/messages/catalogue';
import { useT } from '@/messages/i18n';
import { asProblem } from './use-load';

export type FormErrors<Values> = Partial<Record<keyof Values & string, string>>;

export interface FormState<Values> {
  values: Values;
  errors: FormErrors<Values>;
  problem: ProblemError | null;
  busy: boolean;
  /** Whether something differs from what was there first or saved last. */
  dirty: boolean;
  /** Whether the last attempt succeeded and nothing changed since. */
  done: boolean;
  attempts: number;
  set<Name extends keyof Values & string>(name: Name, value: Values[Name]): void;
  /** Starts over from other values, such as those the server has now. */
  reset(values: Values): void;
  /** What a text field needs. */
  field<Name extends keyof Values & string>(
    name: Name,
  ): {
    name: Name;
    value: string;
    error: string | undefined;
    onChange(event: ChangeEvent<HTMLInputElement | HTMLTextAreaElement>): void;
  };
  onSubmit(event?: SyntheticEvent): void;
}

/**
 * The values of a form, what is wrong with them, and sending them. Nothing is called wrong before
 * the first attempt; what was typed stays, whatever the server says.
 */
export function useForm<Values extends object>({
  initial,
  check = () => ({}),
  aliases = {},
  submit,
}: {
  initial: Values;
  check?(values: Values): FormErrors<Values>;
  /** Fields that the server calls otherwise: its name, and the one here. */
  aliases?: Record<string, keyof Values & string>;
  /** May return what the values are now; those typed stay otherwise. */
  submit(values: Values): Promise<unknown>;
}): FormState<Values> {
  const t = useT();
  const [values, setValues] = useState(initial);
  const [base, setBase] = useState(initial);
  const [attempts, setAttempts] = useState(0);
  const [refused, setRefused] = useState<FormErrors<Values>>({});
  const [problem, setProblem] = useState<ProblemError | null>(null);
  const [busy, setBusy] = useState(false);
  const [done, setDone] = useState(false);
  const sending = useRef(false);

  const errors = attempts === 0 ? {} : { ...refused, ...check(values) };

  const set = <Name extends keyof Values & string>(name: Name, value: Values[Name]) => {
    setValues((before) => ({ ...before, [name]: value }));
    setRefused((before) => without(before, name));
    setDone(false);
  };

  const send = async () => {
    if (sending.current) return;
    setAttempts((count) => count + 1);
    setDone(false);
    setProblem(null);
    if (Object.keys(check(values)).length > 0) return;
    sending.current = true;
    setBusy(true);
    try {
      await submit(values);
      setBase(values);
      setAttempts(0);
      setDone(true);
    } catch (error) {
      const failed = asProblem(error);
      const found: FormErrors<Values> = {};
      for (const { field: sent, code, message } of failed.fields) {
        const field = aliases[sent] ?? sent;
        if (!(field in values)) continue;
        const key = `field.${code}`;
        found[field as keyof Values & string] = hasMessage(key) ? t(key) : message;
      }
      setRefused(found);
      setProblem(Object.keys(found).length > 0 ? null : failed);
    } finally {
      sending.current = false;
      setBusy(false);
    }
  };

  return {
    values,
    errors,
    problem,
    busy,
    done,
    attempts,
    dirty: JSON.stringify(values) !== JSON.stringify(base),
    set,
    reset: (next) => {
      setValues(next);
      setBase(next);
      setAttempts(0);
      setRefused({});
      setProblem(null);
    },
    field: <Name extends keyof Values & string>(name: Name) => ({
      name,
      value: String(values[name]),
      error: (errors as Partial<Record<string, string>>)[name],
      onChange: (event) => set(name, event.target.value as never),
    }),
    onSubmit: (event) => {
      event?.preventDefault();
      void send();
    },
  };
}

function without<Values>(errors: FormErrors<Values>, name: keyof Values & string) {
  const rest = { ...errors };
  Reflect.deleteProperty(rest, name);
  return rest;
}
