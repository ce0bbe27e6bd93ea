// What the API says about recordings, by the names of its OpenAPI document.

import type { ChatMessage } from '@/lib/api/generated/ChatMessage';
import type { components } from '@/lib/api/generated/openapi';

type Schemas = components['schemas'];

export type RecordingCard = Schemas['RecordingCard'];
export type Recording = Schemas['Recording'];
export type RecordingEdit = Schemas['UpdateRecording'];
export type RecordingState = Schemas['RecordingState'];
export type RecordingVisibility = Schemas['RecordingVisibility'];
export type RecordedStream = Schemas['RecordedStream'];
export type RunningRecording = Schemas['RunningRecording'];
export type Chapter = Schemas['Chapter'];
/** Messages have the shape that they have in the chat itself. */
export interface ReplayedMessage extends Omit<Schemas['ReplayedMessage'], 'message'> {
  message: ChatMessage;
}
export interface ReplayedMessages extends Omit<Schemas['ReplayedMessages'], 'items'> {
  items: ReplayedMessage[];
}

/** From everybody to nobody else. */
export const VISIBILITIES: readonly RecordingVisibility[] = ['public', 'unlisted', 'private'];
