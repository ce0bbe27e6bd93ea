import { createContext, useContext } from 'react';
import type { Chat } from '@/lib/chat/chat';
import type { ChatMessage } from '@/lib/api/generated/ChatMessage';
import type { ChatAuthor } from '@/lib/api/generated/ChatAuthor';

/** What every part of a chat may do. The object stays the same, so that rows are not drawn again. */
export interface Seat {
  chat: Chat;
  /** Id of the stream. */
  stream: string;
  reply(message: ChatMessage): void;
  openCard(author: ChatAuthor): void;
  openMenu(message: ChatMessage): void;
  report(message: ChatMessage): void;
  /** Says what was done, with a way back where there is one. */
  tell(text: string, undo?: () => Promise<void>): void;
}

export const SeatContext = createContext<Seat | null>(null);

export function useSeat(): Seat {
  const seat = useContext(SeatContext);
  if (seat === null) throw new Error('A part of the chat is outside of one');
  return seat;
}
