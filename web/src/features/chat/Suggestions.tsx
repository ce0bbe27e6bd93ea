import { useT } from '@/messages/i18n';
import type { Suggestion, SuggestionList } from './use-suggestions';
import styles from './Composer.module.css';

export const optionId = (list: string, index: number) => `${list}-${index}`;

/** The list above the field; the keys stay in the field. */
export function Suggestions({
  list,
  onPick,
}: {
  list: SuggestionList;
  onPick(option: Suggestion): void;
}) {
  const t = useT();
  return (
    <ul
      id={list.id}
      className={styles.suggestions}
      role="listbox"
      aria-label={t('chat.suggestions')}
    >
      {list.options.map((option, index) => (
        <li
          key={option.word}
          id={optionId(list.id, index)}
          className={styles.suggestion}
          role="option"
          aria-selected={index === list.active}
          onPointerDown={(event) => {
            // The field keeps the focus.
            event.preventDefault();
            onPick(option);
          }}
        >
          {option.url !== null && <img src={option.url} alt="" />}
          {option.emoji !== null && <span aria-hidden="true">{option.emoji}</span>}
          <bdi className={styles.word}>{option.label}</bdi>
          <span className={styles.detail}>{option.detail}</span>
        </li>
      ))}
    </ul>
  );
}
