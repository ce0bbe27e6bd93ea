// Why somebody may not write just now. The server decides; this only says so before it is tried.

import type { ChatState } from './state';

export type Obstacle =
  | { why: 'connecting' | 'closed' | 'sign_in' | 'banned' | 'tier' | 'shield' | 'refused' }
  | { why: 'follow'; minutes: number }
  | { why: 'silent'; until: number };

export interface Reader {
  /** Null where it is not known. */
  following: boolean | null;
  /** Whether the account pays. */
  pays: boolean;
}

export function obstacleOf(state: ChatState, reader: Reader, now: number): Obstacle | null {
  const { status, refusal, settings, you } = state;
  if (status === 'refused') return refused(refusal?.code ?? '');
  if (settings === null || you === null) return { why: 'connecting' };
  const { may } = you;
  if (may.silent_until != null && may.silent_until > now)
    return { why: 'silent', until: may.silent_until };
  if (may.moderate) return null;
  if (!settings.enabled) return { why: 'closed' };
  const anonymous = you.id === null;
  const asked = !settings.anonymous_may_write || settings.modes.includes('members_only');
  if (anonymous && (asked || settings.followers_minutes !== null || !may.write))
    return { why: 'sign_in' };
  if (settings.followers_minutes !== null && (reader.following === false || !may.write))
    return { why: 'follow', minutes: settings.followers_minutes };
  if (settings.modes.includes('subscribers_only') && !reader.pays) return { why: 'tier' };
  if (may.write) return null;
  return { why: settings.modes.includes('shield') ? 'shield' : 'refused' };
}

function refused(code: string): Obstacle {
  switch (code) {
    case 'chat_banned':
      return { why: 'banned' };
    case 'chat_closed':
      return { why: 'closed' };
    case 'sign_in_required':
    case 'unauthorized':
      return { why: 'sign_in' };
    default:
      return { why: 'refused' };
  }
}

/** Seconds until the next message may be sent; 0 is now. */
export function secondsLeft(until: number | null, now: number): number {
  return until === null ? 0 : Math.max(0, Math.ceil((until - now) / 1000));
}
