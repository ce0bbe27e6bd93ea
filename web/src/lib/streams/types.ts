// What the API says about streams and the people who make them, by the names of its OpenAPI document.

import type { components } from '@/lib/api/generated/openapi';

type Schemas = components['schemas'];

export type Access = Schemas['AccessLevel'];
export type Maturity = Schemas['Maturity'];
export type Owner = Schemas['Person'];
export type Category = Schemas['Category'];
export type StreamCard = Schemas['StreamCard'];
export type Stream = Schemas['Stream'];
export type StreamEdit = Schemas['UpdateStream'];
export type NewStream = Schemas['CreateStream'];
export type StreamKey = Schemas['StreamKey'];
export type MadeKey = Schemas['KeyCreated'];
export type Broadcast = Schemas['Broadcast'];
export type Channel = Schemas['Channel'];
export type Followed = Schemas['Acquaintance'];
export type LibraryKind = Schemas['LibraryKind'];
export type LibraryItem = Schemas['LibraryItem'];
export type HistoryItem = Schemas['HistoryItem'];
export type PlaybackToken = Schemas['PlaybackToken'];
export type Following = Schemas['Following'];

/** From everybody to nobody else. */
export const ACCESS_LEVELS: readonly Access[] = [
  'public',
  'unlisted',
  'followers',
  'password',
  'premium',
  'vip',
  'private',
];

/** Each for older people than the one before. */
export const MATURITIES: readonly Maturity[] = ['everyone', 'teen', 'mature'];
