import { X } from 'lucide-react';
import { useId, useState, type KeyboardEvent } from 'react';
import { useT } from '@/messages/i18n';
import styles from './TagsField.module.css';

const MOST = 10;
const LONGEST = 32;

/** Words that are closed with Enter or a comma; Backspace in the empty field takes the last away. */
export function TagsField({
  tags,
  onChange,
}: {
  tags: readonly string[];
  onChange(tags: string[]): void;
}) {
  const t = useT();
  const id = useId();
  const [text, setText] = useState('');
  const add = () => {
    const tag = text.trim().replace(/^#/, '');
    setText('');
    if (tag === '' || tags.length >= MOST || tags.includes(tag)) return;
    onChange([...tags, tag]);
  };
  const onKeyDown = (event: KeyboardEvent) => {
    if (event.key === 'Enter' || event.key === ',') {
      event.preventDefault();
      add();
    } else if (event.key === 'Backspace' && text === '' && tags.length > 0) {
      onChange(tags.slice(0, -1));
    }
  };
  return (
    <div className={styles.field}>
      <label className={styles.label} htmlFor={id}>
        {t('studio.field.tags')}
      </label>
      <div className={styles.box}>
        {tags.map((tag) => (
          <span key={tag} className={styles.tag}>
            <bdi>{tag}</bdi>
            <button
              type="button"
              aria-label={t('studio.field.tags.remove', { tag })}
              onClick={() => onChange(tags.filter((other) => other !== tag))}
            >
              <X size={14} aria-hidden="true" />
            </button>
          </span>
        ))}
        <input
          id={id}
          className={styles.input}
          aria-describedby={`${id}-hint`}
          value={text}
          maxLength={LONGEST}
          disabled={tags.length >= MOST}
          placeholder={tags.length === 0 ? t('studio.field.tags.add') : ''}
          autoComplete="off"
          onChange={(event) => setText(event.target.value)}
          onKeyDown={onKeyDown}
          onBlur={add}
        />
      </div>
      <p id={`${id}-hint`} className={styles.hint}>
        {t('studio.field.tags.hint')}
      </p>
    </div>
  );
}
