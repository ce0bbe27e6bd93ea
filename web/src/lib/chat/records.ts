// What the API keeps of chats.

import type { Badge } from '@/lib/api/generated/Badge';
import type { ChatMessage } from '@/lib/api/generated/ChatMessage';
import type { ChatSettings } from '@/lib/api/generated/ChatSettings';
import type { Presence } from '@/lib/api/generated/Presence';
import type { Owner } from '@/lib/streams/types';

export interface ChatRecord {
  settings: ChatSettings;
  pinned: ChatMessage | null;
  presence: Presence;
  emotes_version: number;
}

export interface HeldRecord {
  message: ChatMessage;
  state: 'shown' | 'muted' | 'held' | 'denied' | 'deleted';
  reasons: string[];
}

export type BanKind = 'ban' | 'timeout' | 'mute';

export interface Ban {
  person: Owner;
  kind: BanKind;
  until?: number | null;
  reason?: string | null;
  by?: Owner | null;
  created_at: number;
}

export interface Moderator {
  person: Owner;
  by?: Owner | null;
  since: number;
}

export interface Term {
  id: string;
  pattern: string;
  kind: 'word' | 'regex';
  outcome: 'hold' | 'block' | 'allow';
}

export interface Action {
  id: string;
  action: string;
  reason: string;
  actor_name: string;
  target_name: string;
  account_id?: string | null;
  timestamp: number;
}

export interface Emote {
  id: string;
  name: string;
  url: string;
  animated: boolean;
}

/** What is known of somebody in a chat. */
export interface MemberCard {
  person: Owner;
  badges: Badge[];
  member_since: number;
  follows_since?: number | null;
  /** What follows is for moderators alone. */
  messages?: number | null;
  /** Newest first. */
  recent?: HeldRecord[];
  actions?: Action[];
  ban?: Ban | null;
}
