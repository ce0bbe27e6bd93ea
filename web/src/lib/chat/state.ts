// What a page knows of a chat.

import type { ChatMessage } from '@/lib/api/generated/ChatMessage';
import type { ChatSettings } from '@/lib/api/generated/ChatSettings';
import type { Presence } from '@/lib/api/generated/Presence';
import type { You } from '@/lib/api/generated/You';
import type { Refusal, Row } from './types';

export interface ChatState {
  /** `refused`: not let in, or put out; nothing is tried until somebody asks. */
  status: 'connecting' | 'open' | 'reconnecting' | 'refused';
  way: 'channel' | 'socket' | null;
  refusal: Refusal | null;
  rows: readonly Row[];
  /** Messages that came while the reader looks back. */
  waiting: number;
  still: boolean;
  /** Whether the server has older messages. */
  more: boolean;
  loadingOlder: boolean;
  you: You | null;
  settings: ChatSettings | null;
  presence: Presence | null;
  pinned: ChatMessage | null;
  emotesVersion: number | null;
  /** When the next message may be sent, where one has to wait. */
  nextAt: number | null;
}

export const AT_FIRST: ChatState = {
  status: 'connecting',
  way: null,
  refusal: null,
  rows: [],
  waiting: 0,
  still: false,
  more: false,
  loadingOlder: false,
  you: null,
  settings: null,
  presence: null,
  pinned: null,
  emotesVersion: null,
  nextAt: null,
};

/** Of the protocol that this page speaks. */
export const CHAT_VERSION = 1;

/** Refusals that pass by themselves: the chat is tried again after a while. */
export const PASSING: ReadonlySet<string> = new Set([
  'too_slow',
  'rate_limited',
  'overloaded',
  'internal',
  'unavailable',
]);

/** Long enough for what was too much to be over, short enough not to be taken for broken. */
export const PUT_OUT_MS = 3000;
