import { SendHorizontal, Smile, X } from 'lucide-react';
import {
  useEffect,
  useLayoutEffect,
  useRef,
  useState,
  type KeyboardEvent,
  type SyntheticEvent,
} from 'react';
import { IconButton } from '@/components/Button';
import { useNow } from '@/components/use-now';
import { MOST_CHAT_TEXT } from '@/config/limits';
import type { ChatMessage } from '@/lib/api/generated/ChatMessage';
import { secondsLeft } from '@/lib/chat/obstacle';
import type { Emote } from '@/lib/chat/records';
import type { ChatState } from '@/lib/chat/state';
import { lengthOf } from '@/lib/chat/text';
import { useT } from '@/messages/i18n';
import { EmotePicker } from './EmotePicker';
import { useSeat } from './seat';
import { Suggestions, optionId } from './Suggestions';
import { useSuggestions } from './use-suggestions';
import styles from './Composer.module.css';

/** The counter is shown when so many characters are left. */
const COUNT_FROM = 60;
/** A countdown of seconds that is read more often than they pass. */
const TICK_MS = 500;

export function Composer({
  state,
  emotes,
  replyTo,
  onReplied,
}: {
  state: ChatState;
  emotes: readonly Emote[];
  replyTo: ChatMessage | null;
  /** It was sent, or given up. */
  onReplied(): void;
}) {
  const t = useT();
  const { chat } = useSeat();
  const field = useRef<HTMLTextAreaElement>(null);
  const [text, setText] = useState('');
  const [caret, setCaret] = useState(0);
  // Where the caret goes once the text that was put in is there: before the next key, or it would be lost.
  const [placed, setPlaced] = useState<{ at: number } | null>(null);
  const [picking, setPicking] = useState(false);
  const wait = secondsLeft(state.nextAt, useNow(TICK_MS));
  const moderates = state.you?.may.moderate ?? false;
  const list = useSuggestions(text, caret, state.rows, emotes, moderates);
  const left = MOST_CHAT_TEXT - lengthOf(text);
  const ready = text.trim() !== '' && left >= 0 && wait === 0;

  useLayoutEffect(() => {
    if (placed !== null) field.current?.setSelectionRange(placed.at, placed.at);
  }, [placed]);
  useEffect(() => {
    if (replyTo !== null) field.current?.focus();
  }, [replyTo]);

  const write = (next: string, at: number) => {
    setText(next);
    setCaret(at);
    setPlaced({ at });
  };
  const send = () => {
    if (!ready) return;
    const quote = replyTo && {
      id: replyTo.id,
      name: replyTo.author.name,
      text: Array.from(replyTo.text).slice(0, 100).join(''),
    };
    chat.say(text.trim(), quote);
    write('', 0);
    onReplied();
  };
  const insert = (word: string) => {
    const gap = text === '' || text.endsWith(' ') ? '' : ' ';
    const next = `${text}${gap}${word} `;
    write(next, next.length);
    field.current?.focus();
  };
  const onKeyDown = (event: KeyboardEvent) => {
    if (event.nativeEvent.isComposing) return;
    if (list.onKey(event, (next) => write(next.text, next.caret))) return;
    if (event.key === 'Enter') {
      event.preventDefault();
      send();
    }
    if (event.key === 'Escape' && replyTo !== null) onReplied();
  };
  const onSubmit = (event: SyntheticEvent) => {
    event.preventDefault();
    send();
  };

  return (
    <form className={styles.composer} onSubmit={onSubmit}>
      {picking && <EmotePicker emotes={emotes} onPick={insert} onClose={() => setPicking(false)} />}
      {list.options.length > 0 && (
        <Suggestions
          list={list}
          onPick={(option) => {
            const next = list.take(option);
            write(next.text, next.caret);
            field.current?.focus();
          }}
        />
      )}
      {replyTo !== null && (
        <p className={styles.reply}>
          <span dir="auto">{t('chat.replying', { name: replyTo.author.name })}</span>
          <button
            type="button"
            aria-label={t('chat.replying.cancel')}
            title={t('chat.replying.cancel')}
            onClick={onReplied}
          >
            <X size={14} />
          </button>
        </p>
      )}
      <div className={styles.box} data-over={left < 0}>
        <textarea
          ref={field}
          className={styles.field}
          rows={1}
          dir="auto"
          value={text}
          placeholder={t('chat.write')}
          aria-label={
            replyTo === null
              ? t('chat.write')
              : t('chat.write.reply', { name: replyTo.author.name })
          }
          aria-invalid={left < 0}
          aria-haspopup="listbox"
          aria-autocomplete="list"
          aria-controls={list.options.length > 0 ? list.id : undefined}
          aria-activedescendant={
            list.options.length > 0 ? optionId(list.id, list.active) : undefined
          }
          autoComplete="off"
          onChange={({ target }) => {
            // A message is one line, as long as it may be.
            setText(target.value.replace(/\s*\n+\s*/g, ' '));
            setCaret(target.selectionStart);
          }}
          onSelect={({ currentTarget }) => setCaret(currentTarget.selectionStart)}
          onKeyDown={onKeyDown}
          onBlur={list.close}
        />
        {left <= COUNT_FROM && (
          <span className={styles.count} role="status" data-over={left < 0}>
            <span aria-hidden="true">{left}</span>
            <span className="visually-hidden">
              {t(left < 0 ? 'chat.over' : 'chat.left', { count: Math.abs(left) })}
            </span>
          </span>
        )}
        <IconButton
          label={t('chat.emotes')}
          aria-expanded={picking}
          className={styles.tool}
          onClick={() => setPicking(!picking)}
        >
          <Smile size={18} />
        </IconButton>
        <button
          type="submit"
          className={styles.send}
          disabled={!ready}
          aria-label={wait > 0 ? t('chat.sendIn', { seconds: wait }) : t('chat.send')}
          title={wait > 0 ? t('chat.sendIn', { seconds: wait }) : t('chat.send')}
        >
          {wait > 0 ? <span className={styles.wait}>{wait}</span> : <SendHorizontal size={18} />}
        </button>
      </div>
    </form>
  );
}
