import type { ReactNode } from 'react';
import type { StreamState } from '@/lib/api/types';
import { useT } from '@/messages/i18n';
import styles from './Pill.module.css';

type Tone = 'live' | 'warn' | 'quiet' | 'good';

export function Pill({ tone, children }: { tone: Tone; children: ReactNode }) {
  return <span className={`${styles.pill} ${styles[tone]}`}>{children}</span>;
}

const TONES: Record<StreamState, Tone> = {
  offline: 'quiet',
  starting: 'quiet',
  live: 'live',
  gap: 'warn',
};

/** Whether a stream is live, in its own word and colour. */
export function StatePill({ state }: { state: StreamState }) {
  const t = useT();
  return <Pill tone={TONES[state]}>{t(`state.${state}`)}</Pill>;
}
