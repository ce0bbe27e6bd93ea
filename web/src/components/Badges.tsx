import '@/messages/areas/streams';
import { Crown, EyeOff, KeyRound, Lock, Star, UserCheck } from 'lucide-react';
import type { ReactNode } from 'react';
import type { Access, Maturity } from '@/lib/streams/types';
import { useT } from '@/messages/i18n';
import styles from './Badges.module.css';

const ICONS: Partial<Record<Access, ReactNode>> = {
  unlisted: <EyeOff size={12} aria-hidden="true" />,
  followers: <UserCheck size={12} aria-hidden="true" />,
  password: <KeyRound size={12} aria-hidden="true" />,
  premium: <Star size={12} aria-hidden="true" />,
  vip: <Crown size={12} aria-hidden="true" />,
  private: <Lock size={12} aria-hidden="true" />,
};

/** Who may watch, where that is not everybody. */
export function AccessBadge({ access }: { access: Access }) {
  const t = useT();
  if (access === 'public') return null;
  return (
    <span className={styles.badge} data-access={access}>
      {ICONS[access]}
      {t(`access.${access}`)}
    </span>
  );
}

export function MaturityBadge({ maturity }: { maturity: Maturity }) {
  const t = useT();
  if (maturity === 'everyone') return null;
  return (
    <span className={styles.badge} title={t(`maturity.${maturity}`)}>
      <span aria-hidden="true">{maturity === 'teen' ? '12+' : '18+'}</span>
      <span className="visually-hidden">{t(`maturity.${maturity}`)}</span>
    </span>
  );
}
