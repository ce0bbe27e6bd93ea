import { useId, type ComponentProps, type ReactNode } from 'react';
import styles from './Fields.module.css';

export interface FieldProps {
  label: string;
  hint?: string | undefined;
  error?: string | undefined;
}

function Field({
  label,
  hint,
  error,
  children,
}: FieldProps & { children: (ids: { id: string; describedBy: string | undefined }) => ReactNode }) {
  const id = useId();
  const note = error ?? hint;
  return (
    <div className={styles.field}>
      <label className={styles.label} htmlFor={id}>
        {label}
      </label>
      {children({ id, describedBy: note === undefined ? undefined : `${id}-note` })}
      {note !== undefined && (
        <p id={`${id}-note`} className={error === undefined ? styles.hint : styles.error}>
          {note}
        </p>
      )}
    </div>
  );
}

export function TextField({
  label,
  hint,
  error,
  mono = false,
  inside = false,
  action,
  ...rest
}: FieldProps & {
  mono?: boolean;
  /** The action lies in the field, at its end. */
  inside?: boolean;
  action?: ReactNode;
} & Omit<ComponentProps<'input'>, 'id'>) {
  return (
    <Field label={label} hint={hint} error={error}>
      {({ id, describedBy }) => (
        <div className={inside ? styles.around : styles.box}>
          <input
            id={id}
            className={`${styles.input} ${mono ? styles.mono : ''}`}
            aria-describedby={describedBy}
            aria-invalid={error !== undefined}
            spellCheck={false}
            autoCapitalize="none"
            autoComplete="off"
            {...rest}
          />
          {action}
        </div>
      )}
    </Field>
  );
}

/** Text of several lines; grows with it where the browser can. */
export function TextArea({
  label,
  hint,
  error,
  ...rest
}: FieldProps & Omit<ComponentProps<'textarea'>, 'id'>) {
  return (
    <Field label={label} hint={hint} error={error}>
      {({ id, describedBy }) => (
        <textarea
          id={id}
          className={`${styles.input} ${styles.area}`}
          aria-describedby={describedBy}
          aria-invalid={error !== undefined}
          {...rest}
        />
      )}
    </Field>
  );
}

export interface Option {
  value: string;
  label: string;
  disabled?: boolean;
}

export function SelectField({
  label,
  hint,
  error,
  options,
  value,
  disabled,
  onChoose,
}: FieldProps & {
  options: readonly Option[];
  value: string;
  disabled?: boolean;
  onChoose(value: string): void;
}) {
  return (
    <Field label={label} hint={hint} error={error}>
      {({ id, describedBy }) => (
        <select
          id={id}
          className={`${styles.input} ${styles.select}`}
          aria-describedby={describedBy}
          value={value}
          disabled={disabled}
          onChange={(event) => onChoose(event.target.value)}
        >
          {options.map((option) => (
            <option key={option.value} value={option.value} disabled={option.disabled}>
              {option.label}
            </option>
          ))}
        </select>
      )}
    </Field>
  );
}

export function Switch({
  label,
  hint,
  checked,
  disabled,
  onChange,
}: {
  label: string;
  hint?: string;
  checked: boolean;
  disabled?: boolean;
  onChange(checked: boolean): void;
}) {
  const id = useId();
  return (
    <div className={styles.switchRow}>
      <div>
        <label className={styles.switchLabel} htmlFor={id}>
          {label}
        </label>
        {hint !== undefined && (
          <p id={`${id}-hint`} className={styles.hint}>
            {hint}
          </p>
        )}
      </div>
      <input
        id={id}
        type="checkbox"
        role="switch"
        className={styles.switch}
        checked={checked}
        disabled={disabled}
        aria-describedby={hint === undefined ? undefined : `${id}-hint`}
        onChange={(event) => onChange(event.target.checked)}
      />
    </div>
  );
}

/** A choice of a few, all in view. */
export function Segmented<Value extends string>({
  label,
  options,
  value,
  disabled,
  wrap = false,
  onChoose,
}: {
  label: string;
  options: readonly { value: Value; label: string; icon?: ReactNode }[];
  value: Value;
  disabled?: boolean;
  /** In two rows where one is too narrow for the words. */
  wrap?: boolean;
  onChoose(value: Value): void;
}) {
  const name = useId();
  return (
    <fieldset className={`${styles.segmented} ${wrap ? styles.wrap : ''}`} disabled={disabled}>
      <legend className="visually-hidden">{label}</legend>
      {options.map((option) => (
        <label key={option.value} className={styles.segment}>
          <input
            type="radio"
            className="visually-hidden"
            name={name}
            value={option.value}
            checked={option.value === value}
            onChange={() => onChoose(option.value)}
          />
          {option.icon}
          <span>{option.label}</span>
        </label>
      ))}
    </fieldset>
  );
}
