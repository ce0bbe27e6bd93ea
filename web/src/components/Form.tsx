import { Check } from 'lucide-react';
import { useEffect, useRef, type ReactNode } from 'react';
import { useT } from '@/messages/i18n';
import { Button } from './Button';
import { Note, ProblemText } from './ProblemNote';
import type { FormState } from './use-form';
import styles from './Form.module.css';

/** A form with what is wrong above it; the first wrong field gets the focus after an attempt. */
export function Form<Values extends object>({
  form,
  label,
  children,
}: {
  form: FormState<Values>;
  label?: string;
  children: ReactNode;
}) {
  const t = useT();
  const element = useRef<HTMLFormElement>(null);
  const summary = useRef<HTMLDivElement>(null);
  const wrong = Object.entries(form.errors) as [string, string][];
  const count = wrong.length;
  const { attempts, busy } = form;

  const go = (name: string) => {
    const found = element.current?.elements.namedItem(name);
    if (found instanceof HTMLElement) found.focus();
  };

  useEffect(() => {
    if (attempts === 0 || busy) return;
    if (count > 1) summary.current?.focus();
    if (count === 1) element.current?.querySelector<HTMLElement>('[aria-invalid="true"]')?.focus();
    // Only an attempt moves the focus; typing does not.
    // eslint-disable-next-line react-hooks/exhaustive-deps
  }, [attempts, busy]);

  return (
    <form
      ref={element}
      className={styles.form}
      noValidate
      aria-label={label}
      aria-busy={busy}
      onSubmit={form.onSubmit}
    >
      {count > 1 && (
        <div ref={summary} className={styles.summary} role="alert" tabIndex={-1}>
          <strong>{t('form.wrong', { count })}</strong>
          <ul>
            {wrong.map(([name, message]) => (
              <li key={name}>
                <button type="button" onClick={() => go(name)}>
                  {message}
                </button>
              </li>
            ))}
          </ul>
        </div>
      )}
      {form.problem !== null && (
        <Note>
          <ProblemText problem={form.problem} />
        </Note>
      )}
      {children}
    </form>
  );
}

/** The button that sends the form, and a word when it worked. */
export function FormActions<Values extends object>({
  form,
  label,
  wide = false,
  idle = false,
  children,
}: {
  form: FormState<Values>;
  label: string;
  wide?: boolean;
  /** Nothing to save while nothing has changed. */
  idle?: boolean;
  children?: ReactNode;
}) {
  const t = useT();
  return (
    <div className={styles.actions}>
      <Button
        type="submit"
        look="primary"
        wide={wide}
        disabled={idle && !form.dirty}
        aria-disabled={form.busy}
      >
        {label}
      </Button>
      {children}
      <span role="status" className={styles.saved}>
        {form.done && idle && (
          <>
            <Check size={16} aria-hidden="true" />
            {t('form.saved')}
          </>
        )}
      </span>
    </div>
  );
}
