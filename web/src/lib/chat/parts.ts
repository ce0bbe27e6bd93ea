// What a chat is made with, and what it tells besides its state.

import type { ChatMessage } from '@/lib/api/generated/ChatMessage';
import type { Counts } from './applause';
import type { Ways } from './route';

export interface ChatParts extends Ways {
  /** Who is signed in here, for a way that does not know it. */
  token(): Promise<string | null>;
  /** Runs something soon: once for all that happens until then. */
  soon(run: () => void): void;
  now(): number;
  /** Capture time of the picture on the screen, in milliseconds on the server's clock; null without one. */
  seen(): number | null;
}

export interface ChatEvents {
  /** Reactions to show, by name. */
  reactions: Counts;
  message: ChatMessage;
}
