import { durationText } from '@/components/units';
import { useT } from '@/messages/i18n';
import styles from './Controls.module.css';

/** Red while the picture is of now; grey when it is behind, and then the way to now. */
export function LivePill({
  behind,
  behindMs,
  onJump,
}: {
  behind: boolean;
  /** How far, where it is known. */
  behindMs: number | null;
  onJump(): void;
}) {
  const t = useT();
  return (
    <>
      <button
        type="button"
        className={styles.live}
        data-behind={behind}
        title={behind ? t('player.jumpLive') : undefined}
        aria-label={behind ? t('player.jumpLive') : t('player.live')}
        onClick={onJump}
      >
        {t('player.live')}
      </button>
      {behind && behindMs !== null && (
        <span className={styles.clock} aria-hidden="true">
          -{durationText(behindMs)}
        </span>
      )}
    </>
  );
}
