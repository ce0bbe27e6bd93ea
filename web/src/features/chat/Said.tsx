import { useEffect } from 'react';
import { useT } from '@/messages/i18n';
import styles from './ChatPanel.module.css';

export interface Word {
  text: string;
  undo: (() => Promise<void>) | undefined;
}

/** Long enough to read it and to change one's mind. */
const SHOWN_MS = 6000;

/** A word about what was just done, with a way back. */
export function Said({ word, onGone }: { word: Word | null; onGone(): void }) {
  const t = useT();
  useEffect(() => {
    if (word === null) return;
    const timer = setTimeout(onGone, SHOWN_MS);
    return () => clearTimeout(timer);
    // The same word again starts anew; what is called then is the newest.
    // eslint-disable-next-line react-hooks/exhaustive-deps
  }, [word]);
  const undo = word?.undo;
  return (
    <div className={styles.said} role="status">
      {word !== null && (
        <p>
          <span>{word.text}</span>
          {undo !== undefined && (
            <button
              type="button"
              onClick={() => {
                onGone();
                undo().catch(() => undefined);
              }}
            >
              {t('chat.did.undo')}
            </button>
          )}
        </p>
      )}
    </div>
  );
}
