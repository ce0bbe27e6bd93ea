import { X } from 'lucide-react';
import { useEffect, useState } from 'react';
import { useT } from '@/messages/i18n';
import { CheckLink } from './CheckLink';
import styles from './StateOverlay.module.css';

/** Long enough to read it twice; what it says stays on the chip of the latency. */
const SHOWN_MS = 12_000;

/** Says once that the picture takes the longer way, and how to try the shorter one again. */
export function WayNote({ onRetry }: { onRetry(): void }) {
  const t = useT();
  const [shown, setShown] = useState(true);
  useEffect(() => {
    const timer = setTimeout(() => setShown(false), SHOWN_MS);
    return () => clearTimeout(timer);
  }, []);
  return (
    <div role="status">
      {shown && (
        <div className={styles.way}>
          <span>
            <strong>{t('player.way.blocked')}</strong>{' '}
            <span className={styles.wayText}>{t('player.way.blocked.text')}</span>
          </span>
          <span className={styles.wayActs}>
            <CheckLink />
            <button type="button" className={styles.wayAct} onClick={onRetry}>
              {t('player.way.retry')}
            </button>
            <button
              type="button"
              className={styles.wayAct}
              aria-label={t('action.close')}
              onClick={() => setShown(false)}
            >
              <X size={16} aria-hidden="true" />
            </button>
          </span>
        </div>
      )}
    </div>
  );
}
