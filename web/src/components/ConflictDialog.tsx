import { useT } from '@/messages/i18n';
import { Button } from './Button';
import { Dialog } from './Dialog';
import type { Conflict } from './use-record';
import styles from './ConflictDialog.module.css';

/** Somebody else saved first: shows both sides of what differs and asks which to keep. */
export function ConflictDialog<Value extends object, Change extends object>({
  conflict,
  labels,
}: {
  conflict: Conflict<Value, Change> | null;
  /** What people call the members. */
  labels: Partial<Record<string, string>>;
}) {
  const t = useT();
  if (conflict === null) return null;
  const theirs = conflict.theirs as Record<string, unknown>;
  const clashes = Object.entries(conflict.mine).filter(
    ([name, value]) => JSON.stringify(value) !== JSON.stringify(theirs[name]),
  );
  return (
    <Dialog
      open
      title={t('conflict.title')}
      onClose={conflict.takeTheirs}
      actions={
        <>
          <Button onClick={conflict.takeTheirs}>{t('conflict.theirs')}</Button>
          <Button look="primary" onClick={conflict.keepMine}>
            {t('conflict.mine')}
          </Button>
        </>
      }
    >
      <p>{t('conflict.text')}</p>
      {clashes.length > 0 && (
        <dl className={styles.clashes}>
          {clashes.map(([name, value]) => (
            <div key={name} className={styles.clash}>
              <dt>{labels[name] ?? name}</dt>
              <dd>
                <span className={styles.side}>{t('conflict.yours')}</span>
                {written(value)}
              </dd>
              <dd>
                <span className={styles.side}>{t('conflict.now')}</span>
                {written(theirs[name])}
              </dd>
            </div>
          ))}
        </dl>
      )}
    </Dialog>
  );
}

function written(value: unknown): string {
  if (value === null || value === undefined || value === '') return '–';
  return typeof value === 'string' ? value : JSON.stringify(value);
}
