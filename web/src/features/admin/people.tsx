import { Pill } from '@/components/Pill';
import type { AdminAccount, Role, Tier } from '@/lib/api/types';
import { useT } from '@/messages/i18n';

export const ROLES: readonly Role[] = ['viewer', 'creator', 'moderator', 'admin'];
export const TIERS: readonly Tier[] = ['free', 'premium', 'vip'];
export const STATES = ['active', 'disabled', 'deleted'] as const;

const TONES = { disabled: 'warn', deleted: 'quiet' } as const;

/** Only what is out of the ordinary stands out. */
export function StatePill({ person }: { person: AdminAccount }) {
  const t = useT();
  if (person.state === 'active') return <span>{t('admin.state.active')}</span>;
  return <Pill tone={TONES[person.state]}>{t(`admin.state.${person.state}`)}</Pill>;
}
