import { Play, VolumeX } from 'lucide-react';
import type { ReactNode } from 'react';
import { useT } from '@/messages/i18n';
import type { Playback } from './use-playback';
import styles from './StateOverlay.module.css';

export function Card({
  icon,
  title,
  text,
  children,
}: {
  icon: ReactNode;
  title: string;
  text: ReactNode;
  children?: ReactNode;
}) {
  return (
    <div className={styles.card}>
      <div className={styles.icon}>{icon}</div>
      <p className={styles.title}>{title}</p>
      <p className={styles.text}>{text}</p>
      {children}
    </div>
  );
}

/** The sign of something that comes: water that runs through the gate. */
export function Gate({ small = false }: { small?: boolean }) {
  return (
    <span className={small ? styles.gateSmall : styles.gate} aria-hidden="true">
      <span />
    </span>
  );
}

/** The same, over a picture that stays: nothing to read, for it is over in a moment. */
export function Soon() {
  const t = useT();
  return (
    <p className={styles.soon}>
      <Gate />
      <span className="visually-hidden">{t('player.loading')}</span>
    </p>
  );
}

/** One line at the upper edge, over a picture that stays. */
export function Strip({ title, text }: { title: string; text: string }) {
  return (
    <p className={styles.strip}>
      <Gate small />
      <span>
        <strong>{title}</strong> <span className={styles.stripText}>{text}</span>
      </span>
    </p>
  );
}

export function BigPlay({
  label,
  icon,
  onPlay,
}: {
  label: string;
  icon?: ReactNode;
  onPlay(): void;
}) {
  return (
    <button type="button" className={styles.bigPlay} onClick={onPlay}>
      <span className={styles.disc}>
        {icon ?? <Play size={32} fill="currentColor" aria-hidden="true" />}
      </span>
      {label}
    </button>
  );
}

export function UnmuteHint({ playback }: { playback: Playback }) {
  const t = useT();
  return (
    <button type="button" className={styles.unmute} onClick={playback.toggleMute}>
      <VolumeX size={18} aria-hidden="true" />
      {t('player.unmuteHint')}
    </button>
  );
}
