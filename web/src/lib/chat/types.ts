// Short names for the messages of the chat, and what this page makes of them.

import type { ChatEvent } from '@/lib/api/generated/ChatEvent';
import type { ChatMessage } from '@/lib/api/generated/ChatMessage';
import type { ChatRequest } from '@/lib/api/generated/ChatRequest';
import type { Permissions } from '@/lib/api/generated/Permissions';
import type { ProblemCode } from '@/lib/api/generated/ProblemCode';
import type { Quote } from '@/lib/api/generated/Quote';

type Bare<Request> = Request extends unknown ? Omit<Request, 'type' | 'ref'> : never;

/** What a moderator does. */
export type Act = Bare<Extract<ChatRequest, { type: 'moderation' }>>;

/** Why the server did not do something; `network` and `timeout` are ours. */
export interface Refusal {
  code: ProblemCode | 'network' | 'timeout';
  detail: string;
}

/** What became of a message that is not there any more; moderators still see it. */
export type Gone = 'deleted' | 'silenced';

export interface MessageRow {
  kind: 'message';
  key: string;
  message: ChatMessage;
  gone: Gone | null;
  /** Where it is the reader's own: whether the server has it in its database. */
  own: 'delivered' | 'stored' | null;
}

/** A message of the reader that is not (yet) in the chat. */
export interface OwnRow {
  kind: 'own';
  key: string;
  text: string;
  replyTo: Quote | null;
  at: number;
  /** The picture that the reader saw while writing, as in `ChatParts`. */
  seen: number | null;
  state: 'pending' | 'held' | 'denied' | 'failed';
  /** Of the server, once it was acknowledged. */
  id: string | null;
  refusal: Refusal | null;
}

/** Something that the page says between the messages. */
export interface NoticeRow {
  kind: 'notice';
  key: string;
  at: number;
  notice: Notice;
}

export type Notice =
  | { what: 'cleared' | 'gap' | 'resumed' }
  /** A command's answer, to the reader alone. */
  | { what: 'answer'; text: string }
  | { what: 'refused'; refusal: Refusal }
  | { what: 'silenced'; until: number | null }
  | { what: 'mode'; mode: string; on: boolean; value: number | null };

export type Row = MessageRow | OwnRow | NoticeRow;

/** A message that waits for a moderator, and why. */
export type Held = Pick<Extract<ChatEvent, { type: 'held' }>, 'message' | 'reasons'>;

export const NO_PERMISSIONS: Permissions = { write: false, moderate: false, manage: false };
