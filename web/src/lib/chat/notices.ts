// What a change of the settings means to those who write, as lines between the messages.

import type { ChatSettings } from '@/lib/api/generated/ChatSettings';
import type { Notice } from './types';

export function changes(before: ChatSettings, now: ChatSettings): Notice[] {
  const notices: Notice[] = [];
  const say = (mode: string, on: boolean, value: number | null = null) =>
    notices.push({ what: 'mode', mode, on, value });
  if (before.enabled !== now.enabled) say('open', now.enabled);
  if (before.slow_seconds !== now.slow_seconds) say('slow', now.slow_seconds > 0, now.slow_seconds);
  if (before.followers_minutes !== now.followers_minutes)
    say('followers', now.followers_minutes !== null, now.followers_minutes);
  for (const mode of new Set([...before.modes, ...now.modes])) {
    const on = now.modes.includes(mode);
    if (before.modes.includes(mode) !== on) say(mode, on);
  }
  return notices;
}
