import { Stethoscope } from 'lucide-react';
import { paths } from '@/config/routes';
import { useT } from '@/messages/i18n';
import styles from './CheckConnection.module.css';

/** To the connection doctor, with what is published in mind. In a tab of its own: this one may be live. */
export function CheckConnection({ bitrate, codec }: { bitrate: number | null; codec?: string }) {
  const t = useT();
  const href = paths.doctor({ for: 'publish', bitrate, codec: codec ?? null });
  return (
    <a className={styles.check} href={href} target="_blank" rel="noopener">
      <Stethoscope size={16} aria-hidden="true" />
      {t('player.check')}
    </a>
  );
}
