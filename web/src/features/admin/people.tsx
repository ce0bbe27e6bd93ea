import { Pill } from '@/components/Pill';
import type { AdminAccount, Role, Tier } from '@/lib/api/types';
import { useT } from '@/messages/i18n';

export const ROLES: readonly Role[] = ['viewer', 'creator', 'moderator', 'admin'];
export const TIERS: readonly Tier[] = ['free', 'premium', 'vip'];
export const STATES = ['active', 'disabled', 'deleted'] as const;

const TONES = { active: 'good', disabled: 'warn', deleted: 'quiet' } as const;

export function StatePill({ person }: { person: AdminAccount }) {
  const t = useT();
  return <Pill tone={TONES[person.state]}>{t(`admin.state.${person.state}`)}</Pill>;
}
