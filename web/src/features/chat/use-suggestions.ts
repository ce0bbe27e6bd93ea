import { useId, useMemo, useState, type KeyboardEvent } from 'react';
import type { ChatAuthor } from '@/lib/api/generated/ChatAuthor';
import { COMMANDS } from '@/lib/chat/commands';
import { matching, put, wantedAt, type Wanted } from '@/lib/chat/completion';
import { EMOJI } from '@/lib/chat/emoji';
import type { Emote } from '@/lib/chat/records';
import type { Row } from '@/lib/chat/types';

const MOST = 7;
/** How far back authors are looked for: who spoke longer ago is rarely meant. */
const LOOK_BACK = 200;

export interface Suggestion {
  /** What is put into the text. */
  word: string;
  label: string;
  detail: string;
  /** A picture, or an emoji. */
  url: string | null;
  emoji: string | null;
}

export interface SuggestionList {
  id: string;
  options: readonly Suggestion[];
  active: number;
  take(option: Suggestion): { text: string; caret: number };
  /** Whether the key was for the list. */
  onKey(event: KeyboardEvent, write: (next: { text: string; caret: number }) => void): boolean;
  close(): void;
}

/** What may be meant at the caret: recent authors, emotes, commands. */
export function useSuggestions(
  text: string,
  caret: number,
  rows: readonly Row[],
  emotes: readonly Emote[],
  moderates: boolean,
): SuggestionList {
  const id = useId();
  const [at, setAt] = useState({ text: '', index: 0 });
  const [closed, setClosed] = useState('');
  const wanted = useMemo(() => wantedAt(text, caret), [text, caret]);
  const options = useMemo(
    () => (wanted === null || closed === text ? [] : find(wanted, rows, emotes, moderates)),
    [wanted, rows, emotes, moderates, closed, text],
  );
  const active = at.text === text ? Math.min(at.index, options.length - 1) : 0;
  const take = (option: Suggestion) =>
    wanted === null ? { text, caret } : put(text, wanted, caret, option.word);
  return {
    id,
    options,
    active,
    take,
    close: () => setClosed(text),
    onKey: (event, write) => {
      const option = options[active];
      if (option === undefined) return false;
      const step = event.key === 'ArrowDown' ? 1 : event.key === 'ArrowUp' ? -1 : 0;
      if (step !== 0) setAt({ text, index: (active + step + options.length) % options.length });
      else if (event.key === 'Escape') setClosed(text);
      else if (event.key === 'Tab' || event.key === 'Enter') {
        // A command that is written out is sent, not written once more.
        if (event.key === 'Enter' && text.trim() === option.word) return false;
        write(take(option));
      } else return false;
      event.preventDefault();
      return true;
    },
  };
}

function find(
  { kind, word }: Wanted,
  rows: readonly Row[],
  emotes: readonly Emote[],
  moderates: boolean,
): Suggestion[] {
  if (kind === 'command')
    return matching(
      COMMANDS.filter(({ moderator }) => moderates || !moderator),
      word,
      ({ name }) => [name],
      MOST,
    ).map(({ name, takes }) => suggest(`/${name}`, `/${name}`, takes));
  if (kind === 'mention')
    return matching(recentAuthors(rows), word, namesOf, MOST).map((author) =>
      suggest(`@${author.handle ?? ''}`, author.name, `@${author.handle ?? ''}`),
    );
  const own = matching(emotes, word, ({ name }) => [name], MOST).map(({ name, url }) =>
    suggest(`:${name}:`, name, '', url),
  );
  const others = matching(EMOJI, word, ({ name }) => [name], MOST).map(({ name, text }) =>
    suggest(text, name, '', null, text),
  );
  return [...own, ...others].slice(0, MOST);
}

function suggest(
  word: string,
  label: string,
  detail: string,
  url: string | null = null,
  emoji: string | null = null,
): Suggestion {
  return { word, label, detail, url, emoji };
}

const namesOf = ({ name, handle }: ChatAuthor) => [name, handle ?? ''];

/** Those who spoke, the newest first, each once. */
function recentAuthors(rows: readonly Row[]): ChatAuthor[] {
  const found = new Map<string, ChatAuthor>();
  for (const row of rows.slice(-LOOK_BACK).reverse()) {
    if (row.kind !== 'message' || row.message.author.handle === null) continue;
    const { author } = row.message;
    if (author.handle !== null && !found.has(author.handle)) found.set(author.handle, author);
  }
  return [...found.values()];
}
