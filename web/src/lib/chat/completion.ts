// What is being written at the caret, and what could stand there.

export interface Wanted {
  kind: 'mention' | 'emote' | 'command';
  /** Where the word with its sign begins. */
  from: number;
  /** Without the sign, in lower case. */
  word: string;
}

/** A single letter behind a colon is mostly a face; two are the beginning of a name. */
const EMOTE = /(?:^|\s):([a-z0-9_]{2,32})$/i;
const MENTION = /(?:^|\s)@([a-z0-9_-]{0,32})$/i;
const COMMAND = /^\/([a-z]*)$/i;

export function wantedAt(text: string, caret: number): Wanted | null {
  const before = text.slice(0, caret);
  for (const [kind, pattern] of PATTERNS) {
    const word = pattern.exec(before)?.[1];
    if (word !== undefined)
      return { kind, from: caret - word.length - 1, word: word.toLowerCase() };
  }
  return null;
}

const PATTERNS: readonly (readonly [Wanted['kind'], RegExp])[] = [
  ['command', COMMAND],
  ['mention', MENTION],
  ['emote', EMOTE],
];

/** The text with the word in place of what was begun, and the caret behind it. */
export function put(
  text: string,
  wanted: Wanted,
  caret: number,
  word: string,
): { text: string; caret: number } {
  const rest = text.slice(caret);
  const gap = rest.startsWith(' ') ? '' : ' ';
  return {
    text: text.slice(0, wanted.from) + word + gap + rest,
    caret: wanted.from + word.length + 1,
  };
}

/** Those that begin with the word first, then those that have it elsewhere; at most `most`. */
export function matching<Item>(
  items: readonly Item[],
  word: string,
  namesOf: (item: Item) => readonly string[],
  most: number,
): Item[] {
  const begins: Item[] = [];
  const holds: Item[] = [];
  for (const item of items) {
    const names = namesOf(item).map((name) => name.toLowerCase());
    if (names.some((name) => name.startsWith(word))) begins.push(item);
    else if (names.some((name) => name.includes(word))) holds.push(item);
    if (begins.length === most) break;
  }
  return [...begins, ...holds].slice(0, most);
}
