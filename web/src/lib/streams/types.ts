// What the API says about streams and the people who make them.

import type { Codec } from '@/lib/api/generated/Codec';
import type { LayerInfo } from '@/lib/api/generated/LayerInfo';
import type { MediaIssue } from '@/lib/api/generated/MediaIssue';
import type { StreamState } from '@/lib/api/generated/StreamState';

export const ACCESS_LEVELS = [
  'public',
  'unlisted',
  'followers',
  'password',
  'premium',
  'vip',
  'private',
] as const;
export type Access = (typeof ACCESS_LEVELS)[number];

export const MATURITIES = ['everyone', 'teen', 'mature'] as const;
export type Maturity = (typeof MATURITIES)[number];

/** A page of a list; `next_cursor` asks for the one after it. */
export interface Page<Item> {
  items: Item[];
  next_cursor: string | null;
}

/** Who makes a stream. */
export interface Owner {
  id: string;
  handle: string;
  display_name: string;
  avatar_url: string | null;
}

export interface CategoryRef {
  slug: string;
  name: string;
}

export interface Category extends CategoryRef {
  id: string;
  live_streams: number;
}

/** A stream as lists show it. */
export interface StreamCard {
  id: string;
  name: string;
  title: string;
  owner: Owner;
  category: CategoryRef | null;
  tags: string[];
  access: Access;
  maturity: Maturity;
  language: string | null;
  thumbnail_url: string | null;
  state: StreamState;
  live_since: number | null;
  viewers: number;
  scheduled_start: number | null;
  /** Whether the one who asks may not watch it. */
  locked: boolean;
}

/** A stream as its own page shows it. */
export interface Stream extends StreamCard {
  description: string;
  codec: Codec | null;
  layers: LayerInfo[];
  issues: MediaIssue[];
  whep_url: string;
  created_at: number;
  /** Whether the one who asks may change it. */
  editable: boolean;
  following: boolean;
  saved: boolean;
  favorite: boolean;
}

/** What a stream is made of or changed to. */
export interface StreamEdit {
  name?: string;
  title?: string;
  description?: string;
  category?: string | null;
  tags?: string[];
  access?: Access;
  password?: string;
  maturity?: Maturity;
  language?: string | null;
  scheduled_start?: number | null;
}

export interface StreamKey {
  id: string;
  name: string;
  last4: string;
  created_at: number;
  expires_at: number | null;
  revoked_at: number | null;
  last_used_at: number | null;
  connected: boolean;
}

/** The whole key is told once, when it is made or shown. */
export interface MadeKey {
  key: string;
  stream_key: StreamKey;
}

export interface Broadcast {
  id: string;
  started_at: number;
  live_at: number | null;
  ended_at: number | null;
  end_reason: string | null;
  title: string;
  peak_viewers: number;
  joins: number;
  watch_seconds: number;
  codec: string | null;
}

export interface Channel extends Owner {
  bio: string;
  links: { title: string; url: string }[];
  followers: number;
  following: boolean;
  streams: StreamCard[];
  recent: RecentBroadcast[];
}

/** A broadcast and the name of the stream that it was of. */
export interface RecentBroadcast extends Broadcast {
  stream: string;
}

/** Somebody who is followed. */
export interface Followed extends Owner {
  since: number;
  live: boolean;
}

export type LibraryKind = 'saved' | 'favorite';

export interface LibraryItem {
  kind: LibraryKind;
  since: number;
  stream: StreamCard;
}

export interface HistoryItem {
  id: string;
  started_at: number;
  /** In seconds. */
  duration_watched: number;
  /** Null where it is gone or no longer to be seen. */
  stream: StreamCard | null;
}
