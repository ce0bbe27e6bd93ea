// The text of a message in parts: words, emotes, links, names. Never markup.

import type { ChatMessage } from '@/lib/api/generated/ChatMessage';

export type Part =
  | { kind: 'text'; text: string }
  | { kind: 'emote'; name: string; url: string }
  | { kind: 'mention'; handle: string; text: string }
  | { kind: 'link'; href: string; host: string; rest: string };

const LINK = /(https?:\/\/[^\s<>"]+[^\s<>".,;:!?)\]'])/i;
const MENTION = /(?<![\p{L}\p{N}@_.-])(@[a-z0-9](?:[a-z0-9_-]*[a-z0-9])?)/iu;
/** A longer path says nothing more to a reader, and pushes the words away. */
const LONGEST_REST = 32;

export function partsOf(message: Pick<ChatMessage, 'text' | 'emotes'>): Part[] {
  const spans = [...(message.emotes ?? [])].sort((one, other) => one.start - other.start);
  if (spans.length === 0) return words(message.text);
  // Spans count characters as the server does, not code units.
  const characters = Array.from(message.text);
  const parts: Part[] = [];
  let at = 0;
  for (const { name, url, start, end } of spans) {
    if (start < at || end > characters.length || !isOurs(url)) continue;
    parts.push(...words(characters.slice(at, start).join('')));
    parts.push({ kind: 'emote', name, url });
    at = end;
  }
  parts.push(...words(characters.slice(at).join('')));
  return parts;
}

function words(text: string): Part[] {
  return text
    .split(LINK)
    .flatMap((piece, index) => (index % 2 === 1 ? [linkOf(piece)] : names(piece)));
}

function names(text: string): Part[] {
  return text
    .split(MENTION)
    .map((piece, index): Part =>
      index % 2 === 1
        ? { kind: 'mention', handle: piece.slice(1).toLowerCase(), text: piece }
        : { kind: 'text', text: piece },
    )
    .filter((part) => part.kind !== 'text' || part.text !== '');
}

/** Shows where a link really leads: the host as the browser reads it, look-alikes spelled out. */
function linkOf(text: string): Part {
  let url: URL;
  try {
    url = new URL(text);
  } catch {
    return { kind: 'text', text };
  }
  const isWeb = url.protocol === 'http:' || url.protocol === 'https:';
  // A name before the host is there to deceive.
  if (!isWeb || url.username !== '' || url.password !== '') return { kind: 'text', text };
  const path = url.pathname + url.search + url.hash;
  const rest = path === '/' ? '' : path;
  return {
    kind: 'link',
    href: url.href,
    host: url.host,
    rest: rest.length > LONGEST_REST ? `${rest.slice(0, LONGEST_REST - 1)}…` : rest,
  };
}

/** Pictures come from this server, whatever a message says. */
function isOurs(url: string): boolean {
  return url.startsWith('/') && !url.startsWith('//') && !url.startsWith('/\\');
}

/** Characters as the server counts them. */
export function lengthOf(text: string): number {
  return Array.from(text).length;
}
