import { Search as SearchIcon } from 'lucide-react';
import { useEffect, useId, useRef, useState, type KeyboardEvent, type RefObject } from 'react';
import { useLocation, useSearchParams } from 'wouter';
import { StatePill } from '@/components/Pill';
import { paths } from '@/config/routes';
import { listStreams } from '@/lib/streams/catalogue';
import type { StreamCard } from '@/lib/streams/types';
import { useT } from '@/messages/i18n';
import styles from './Search.module.css';

/** Typing is over when nothing was typed for this long; less asks the server for half words. */
const PAUSE_MS = 180;
const SUGGESTIONS = 6;

/** Searches from anywhere: `/` jumps here, suggestions lead to streams, Enter to all results. */
export function Search() {
  const t = useT();
  const id = useId();
  const field = useRef<HTMLInputElement>(null);
  const [path, navigate] = useLocation();
  const [parameters] = useSearchParams();
  const asked = path === paths.search() ? (parameters.get('q') ?? '') : '';
  const [text, setText] = useState(asked);
  const [open, setOpen] = useState(false);
  const [active, setActive] = useState(-1);
  const found = useSuggestions(open ? text.trim() : '');
  const shown = open && found.length > 0;

  useEffect(() => setText(asked), [asked]);
  useSlash(field);

  const leave = () => {
    setOpen(false);
    setActive(-1);
  };
  const search = () => {
    leave();
    const q = text.trim();
    navigate(paths.search(q === '' ? {} : { q }));
  };
  const choose = (stream: StreamCard) => {
    leave();
    setText('');
    field.current?.blur();
    navigate(paths.watch(stream.name));
  };
  const onKeyDown = (event: KeyboardEvent<HTMLInputElement>) => {
    const step = event.key === 'ArrowDown' ? 1 : event.key === 'ArrowUp' ? -1 : 0;
    if (step !== 0 && shown) {
      event.preventDefault();
      // One place more than there are suggestions: the field itself.
      const places = found.length + 1;
      setActive(((active + 1 + step + places) % places) - 1);
    } else if (event.key === 'Escape') {
      if (shown) leave();
      else event.currentTarget.blur();
    } else if (event.key === 'Enter') {
      event.preventDefault();
      const stream = shown ? found[active] : undefined;
      if (stream === undefined) search();
      else choose(stream);
    }
  };

  return (
    <div role="search" className={styles.search}>
      <SearchIcon size={16} aria-hidden="true" className={styles.icon} />
      <input
        ref={field}
        type="search"
        className={styles.field}
        role="combobox"
        aria-label={t('nav.search')}
        aria-expanded={shown}
        aria-controls={shown ? id : undefined}
        aria-autocomplete="list"
        aria-activedescendant={shown && active >= 0 ? `${id}-${active}` : undefined}
        placeholder={t('nav.search.short')}
        autoComplete="off"
        spellCheck={false}
        maxLength={200}
        value={text}
        onChange={(event) => {
          setText(event.target.value);
          setOpen(true);
          setActive(-1);
        }}
        onKeyDown={onKeyDown}
        onBlur={leave}
      />
      <kbd className={styles.key} aria-hidden="true">
        /
      </kbd>
      {shown && (
        <ul id={id} role="listbox" aria-label={t('nav.suggestions')} className={styles.suggestions}>
          {found.map((stream, index) => (
            <li
              key={stream.id}
              id={`${id}-${index}`}
              role="option"
              aria-selected={index === active}
              className={styles.suggestion}
              // The field would lose the focus, and with it the list, before the click is one.
              onPointerDown={(event) => event.preventDefault()}
              onClick={() => choose(stream)}
            >
              <span className={styles.words}>
                <span className={styles.title} dir="auto">
                  {stream.title === '' ? stream.name : stream.title}
                </span>
                <bdi className={styles.owner}>{stream.owner.display_name}</bdi>
              </span>
              {stream.state !== 'offline' && <StatePill state={stream.state} />}
            </li>
          ))}
        </ul>
      )}
    </div>
  );
}

/** Streams that fit what is typed; the last ones stay until others came. */
function useSuggestions(text: string): StreamCard[] {
  const [found, setFound] = useState<StreamCard[]>([]);
  useEffect(() => {
    if (text === '') {
      setFound([]);
      return;
    }
    const abort = new AbortController();
    const timer = setTimeout(() => {
      listStreams({ q: text, limit: SUGGESTIONS }, abort.signal).then(
        ({ items }) => setFound(items.slice(0, SUGGESTIONS)),
        () => {
          // Suggestions are a convenience; Enter says what is wrong.
        },
      );
    }, PAUSE_MS);
    return () => {
      clearTimeout(timer);
      abort.abort();
    };
  }, [text]);
  return found;
}

function useSlash(field: RefObject<HTMLInputElement | null>): void {
  useEffect(() => {
    const onKeyDown = (event: globalThis.KeyboardEvent) => {
      const typing =
        event.target instanceof Element && event.target.closest('input, select, textarea, dialog');
      if (event.key !== '/' || typing || event.ctrlKey || event.metaKey || event.altKey) return;
      event.preventDefault();
      field.current?.focus();
    };
    document.addEventListener('keydown', onKeyDown);
    return () => document.removeEventListener('keydown', onKeyDown);
  }, [field]);
}
