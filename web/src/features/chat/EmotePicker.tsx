import { useEffect, useRef, useState, type KeyboardEvent } from 'react';
import { matching } from '@/lib/chat/completion';
import { EMOJI } from '@/lib/chat/emoji';
import type { Emote } from '@/lib/chat/records';
import { useT } from '@/messages/i18n';
import styles from './Composer.module.css';

/** Emotes of the stream, and emoji that exist everywhere. */
export function EmotePicker({
  emotes,
  onPick,
  onClose,
}: {
  emotes: readonly Emote[];
  /** As it is written in a text. */
  onPick(word: string): void;
  onClose(): void;
}) {
  const t = useT();
  const [word, setWord] = useState('');
  const box = useRef<HTMLDivElement>(null);
  const field = useRef<HTMLInputElement>(null);
  useEffect(() => field.current?.focus(), []);
  const wanted = word.trim().toLowerCase();
  const names = ({ name }: { name: string }) => [name];
  const here = matching(emotes, wanted, names, emotes.length);
  const everywhere = matching(EMOJI, wanted, names, EMOJI.length);

  const onKeyDown = (event: KeyboardEvent) => {
    if (event.key === 'Escape') {
      event.preventDefault();
      onClose();
    }
    const buttons = [...(box.current?.querySelectorAll<HTMLElement>('[data-emote]') ?? [])];
    const at = buttons.indexOf(document.activeElement as HTMLElement);
    if (event.key === 'Enter' && at < 0) {
      event.preventDefault();
      buttons[0]?.click();
    }
    const step: Record<string, number> = { ArrowRight: 1, ArrowLeft: -1 };
    const down = event.key === 'ArrowDown' && at < 0 ? 1 : (step[event.key] ?? 0);
    if (down === 0 || (at < 0 && event.key !== 'ArrowDown')) return;
    event.preventDefault();
    buttons[Math.max(0, at + down)]?.focus();
  };

  return (
    <div
      ref={box}
      className={styles.picker}
      role="dialog"
      aria-label={t('chat.emotes')}
      onKeyDown={onKeyDown}
      onBlur={({ relatedTarget }) => {
        if (relatedTarget !== null && !box.current?.parentElement?.contains(relatedTarget))
          onClose();
      }}
    >
      <input
        ref={field}
        className={styles.search}
        type="search"
        placeholder={t('chat.emotes.search')}
        aria-label={t('chat.emotes.search')}
        value={word}
        onChange={({ target }) => setWord(target.value)}
      />
      <div className={styles.shelves} tabIndex={-1}>
        {here.length > 0 && (
          <section aria-label={t('chat.emotes.here')}>
            <h3 className={styles.shelf}>{t('chat.emotes.here')}</h3>
            <div className={styles.grid}>
              {here.map(({ id, name, url }) => (
                <Choice key={id} name={`:${name}:`} onPick={() => onPick(`:${name}:`)}>
                  <img src={url} alt="" loading="lazy" />
                </Choice>
              ))}
            </div>
          </section>
        )}
        {everywhere.length > 0 && (
          <section aria-label={t('chat.emotes.everywhere')}>
            <h3 className={styles.shelf}>{t('chat.emotes.everywhere')}</h3>
            <div className={styles.grid}>
              {everywhere.map(({ name, text }) => (
                <Choice key={name} name={name} onPick={() => onPick(text)}>
                  <span aria-hidden="true">{text}</span>
                </Choice>
              ))}
            </div>
          </section>
        )}
        {here.length + everywhere.length === 0 && (
          <p className={styles.none}>{t('chat.emotes.none')}</p>
        )}
      </div>
    </div>
  );
}

function Choice({
  name,
  onPick,
  children,
}: {
  name: string;
  onPick(): void;
  children: React.ReactNode;
}) {
  return (
    <button
      type="button"
      className={styles.choice}
      data-emote=""
      aria-label={name}
      title={name}
      onClick={onPick}
    >
      {children}
    </button>
  );
}
