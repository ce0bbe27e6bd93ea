// What the API keeps of chats, by the names of its OpenAPI document.

import type { ChatMessage } from '@/lib/api/generated/ChatMessage';
import type { components } from '@/lib/api/generated/openapi';

type Schemas = components['schemas'];

export type ChatRecord = Schemas['Chat'];
export type Ban = Schemas['Ban'];
export type Moderator = Schemas['ChatModerator'];
export type Term = Schemas['ChatTerm'];
export type NewTerm = Schemas['CreateTerm'];
export type Action = Schemas['ModerationEntry'];
export type Emote = Schemas['Emote'];
/** What is known of somebody in a chat. */
export type MemberCard = Schemas['MemberCard'];
/** A message, which has the shape that it has in the chat itself, and what became of it. */
export type ArchivedMessage = ChatMessage & Omit<Schemas['ArchivedMessage'], keyof ChatMessage>;
