// What the API does with chats, one function a request.

import { bodyOf, call } from '@/lib/api/call';
import type { ChatSettings } from '@/lib/api/generated/ChatSettings';
import type { Answer } from '@/lib/api/transport';
import type { List } from '@/lib/api/types';
import type {
  Action,
  ArchivedMessage,
  Ban,
  ChatRecord,
  Emote,
  MemberCard,
  Moderator,
  NewTerm,
  Term,
} from './records';
import type { Held } from './types';

const of = (stream: string) => `/streams/${encodeURIComponent(stream)}`;

export function readChat(stream: string, signal?: AbortSignal): Promise<Answer<ChatRecord>> {
  return call('GET', `${of(stream)}/chat`, { signal });
}

export function changeChat(
  stream: string,
  change: Partial<ChatSettings>,
  ifMatch: string | null,
): Promise<Answer<ChatRecord>> {
  return call('PATCH', `${of(stream)}/chat`, { body: change, ifMatch });
}

/** Those that wait for a moderator, as the chat itself tells of them. */
export async function heldMessages(stream: string, signal?: AbortSignal): Promise<Held[]> {
  const path = `${of(stream)}/chat/held`;
  const { items } = await bodyOf<{ items: ArchivedMessage[] }>('GET', path, { signal });
  return items.map((message) => ({ message, reasons: message.reasons }));
}

export function bans(
  stream: string,
  cursor: string | null,
  signal?: AbortSignal,
): Promise<List<Ban>> {
  return bodyOf('GET', `${of(stream)}/chat/bans`, { query: { cursor }, signal });
}

export async function moderators(stream: string, signal?: AbortSignal): Promise<Moderator[]> {
  return (await bodyOf<List<Moderator>>('GET', `${of(stream)}/chat/moderators`, { signal })).items;
}

export async function addModerator(stream: string, account: string): Promise<void> {
  await call('PUT', `${of(stream)}/chat/moderators/${account}`);
}

export async function removeModerator(stream: string, account: string): Promise<void> {
  await call('DELETE', `${of(stream)}/chat/moderators/${account}`);
}

export async function terms(stream: string, signal?: AbortSignal): Promise<Term[]> {
  return (await bodyOf<List<Term>>('GET', `${of(stream)}/chat/terms`, { signal })).items;
}

export function addTerm(stream: string, term: NewTerm): Promise<Term> {
  return bodyOf('POST', `${of(stream)}/chat/terms`, { body: term });
}

export async function removeTerm(stream: string, term: string): Promise<void> {
  await call('DELETE', `${of(stream)}/chat/terms/${term}`);
}

export function actions(
  stream: string,
  cursor: string | null,
  signal?: AbortSignal,
): Promise<List<Action>> {
  return bodyOf('GET', `${of(stream)}/chat/actions`, { query: { cursor }, signal });
}

export function memberCard(
  stream: string,
  account: string,
  signal?: AbortSignal,
): Promise<MemberCard> {
  return bodyOf('GET', `${of(stream)}/chat/members/${account}`, { signal });
}

export async function emotesOf(stream: string, signal?: AbortSignal): Promise<Emote[]> {
  return (await bodyOf<{ items: Emote[] }>('GET', `${of(stream)}/emotes`, { signal })).items;
}

/** The name goes in the address, since the body is the picture. */
export function addEmote(stream: string, name: string, picture: Blob): Promise<Emote> {
  return bodyOf('POST', `${of(stream)}/emotes`, { query: { name }, body: picture });
}

export async function removeEmote(stream: string, emote: string): Promise<void> {
  await call('DELETE', `${of(stream)}/emotes/${emote}`);
}
