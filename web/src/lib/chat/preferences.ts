// How one reader wants chats to look. Kept in this browser, the same in all its tabs.

import { Snapshot } from '@/lib/snapshot';

export interface ChatPreferences {
  size: 'small' | 'normal' | 'large';
  compact: boolean;
  timestamps: boolean;
  /** Emotes and reactions move. */
  motion: boolean;
  reactions: boolean;
  /** New messages are read out by screen readers. */
  aloud: boolean;
  /** The column beside the player is shown. */
  open: boolean;
}

const STORED = 'sluice.chat';

const AT_FIRST: ChatPreferences = {
  size: 'normal',
  compact: false,
  timestamps: false,
  motion: true,
  reactions: true,
  aloud: false,
  open: true,
};

function stored(): ChatPreferences {
  try {
    const found = JSON.parse(localStorage.getItem(STORED) ?? '{}') as Partial<ChatPreferences>;
    return { ...AT_FIRST, ...found };
  } catch {
    return AT_FIRST;
  }
}

export const preferences = new Snapshot<ChatPreferences>(stored());

export function prefer(change: Partial<ChatPreferences>): void {
  preferences.set(change);
  localStorage.setItem(STORED, JSON.stringify(preferences.get()));
}

window.addEventListener('storage', ({ key }) => {
  if (key === STORED) preferences.set(stored());
});
