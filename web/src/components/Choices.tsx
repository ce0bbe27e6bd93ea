import { useId, type ReactNode } from 'react';
import type { FieldProps } from './Fields';
import styles from './Fields.module.css';

/** A box to tick, as in a form; what it is about may follow, such as a link. */
export function Checkbox({
  label,
  hint,
  error,
  checked,
  disabled,
  name,
  children,
  onChange,
}: FieldProps & {
  checked: boolean;
  disabled?: boolean;
  name?: string;
  children?: ReactNode;
  onChange(checked: boolean): void;
}) {
  const id = useId();
  const note = error ?? hint;
  return (
    <div className={styles.tick}>
      <input
        id={id}
        type="checkbox"
        name={name}
        className={styles.checkbox}
        checked={checked}
        disabled={disabled}
        aria-invalid={error !== undefined}
        aria-describedby={note === undefined ? undefined : `${id}-note`}
        onChange={(event) => onChange(event.target.checked)}
      />
      <div>
        <label htmlFor={id}>{label}</label> {children}
        {note !== undefined && (
          <p id={`${id}-note`} className={error === undefined ? styles.hint : styles.error}>
            {note}
          </p>
        )}
      </div>
    </div>
  );
}

/** A choice of a few that need a sentence each. */
export function RadioList<Value extends string>({
  label,
  options,
  value,
  onChoose,
}: {
  label: string;
  options: readonly { value: Value; label: string; hint?: string }[];
  value: Value;
  onChoose(value: Value): void;
}) {
  const name = useId();
  return (
    <fieldset className={styles.radios}>
      <legend className={styles.label}>{label}</legend>
      {options.map((option) => (
        <label key={option.value} className={styles.radio}>
          <input
            type="radio"
            name={name}
            value={option.value}
            checked={option.value === value}
            onChange={() => onChoose(option.value)}
          />
          <span>
            {option.label}
            {option.hint !== undefined && <span className={styles.hint}>{option.hint}</span>}
          </span>
        </label>
      ))}
    </fieldset>
  );
}
