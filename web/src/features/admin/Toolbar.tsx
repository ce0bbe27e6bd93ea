import { Search } from 'lucide-react';
import type { ReactNode } from 'react';
import { Button } from '@/components/Button';
import { useT } from '@/messages/i18n';
import styles from './Toolbar.module.css';

/** The filters above a table. */
export function Toolbar({ children }: { children: ReactNode }) {
  const t = useT();
  return (
    <div className={styles.bar} role="search" aria-label={t('admin.filters')}>
      {children}
    </div>
  );
}

export function SearchBox({
  label,
  value,
  onChange,
}: {
  label: string;
  value: string;
  onChange(value: string): void;
}) {
  return (
    <label className={styles.search}>
      <Search size={16} aria-hidden="true" />
      <span className="visually-hidden">{label}</span>
      <input
        type="search"
        placeholder={label}
        value={value}
        autoComplete="off"
        spellCheck={false}
        onChange={(event) => onChange(event.target.value)}
      />
    </label>
  );
}

/** A filter whose label is its first choice. */
export function Choice({
  label,
  value,
  options,
  onChoose,
}: {
  label: string;
  value: string;
  options: readonly { value: string; label: string }[];
  onChoose(value: string): void;
}) {
  return (
    <select
      className={styles.choice}
      aria-label={label}
      value={value}
      data-set={value !== ''}
      onChange={(event) => onChoose(event.target.value)}
    >
      <option value="">{label}</option>
      {options.map((option) => (
        <option key={option.value} value={option.value}>
          {option.label}
        </option>
      ))}
    </select>
  );
}

/** Nothing matches the filters. */
export function NoMatch({ onClear }: { onClear(): void }) {
  const t = useT();
  return (
    <div className={styles.none}>
      <p>{t('admin.noMatch')}</p>
      <Button onClick={onClear}>{t('admin.clear')}</Button>
    </div>
  );
}
