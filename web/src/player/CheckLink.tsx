import { Stethoscope } from 'lucide-react';
import { paths } from '@/config/routes';
import type { ViewerState } from '@/lib/rtc/whep';
import { useT } from '@/messages/i18n';
import styles from './StateOverlay.module.css';

/** To the connection doctor, in a tab of its own: the picture, or the hope of one, stays. */
export function CheckLink({ state }: { state?: Partial<Pick<ViewerState, 'layers' | 'codec'>> }) {
  const t = useT();
  const bitrates = state?.layers?.map(({ bitrate }) => bitrate) ?? [];
  const href = paths.doctor({
    for: 'watch',
    bitrate: bitrates.length === 0 ? null : Math.max(...bitrates),
    codec: state?.codec ?? null,
  });
  return (
    <a className={styles.check} href={href} target="_blank" rel="noopener">
      <Stethoscope size={16} aria-hidden="true" />
      {t('player.check')}
    </a>
  );
}
