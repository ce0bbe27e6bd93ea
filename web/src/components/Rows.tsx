import type { ReactNode } from 'react';
import type { ProblemError } from '@/lib/api/problem';
import { useT } from '@/messages/i18n';
import { Button } from './Button';
import { Note, ProblemText } from './ProblemNote';
import { Skeleton } from './Skeleton';
import styles from './Rows.module.css';

/** A short list in a panel, in each of its states: coming, failed, empty, and there. */
export function Rows<Item extends { id: string }>({
  items,
  problem,
  empty,
  onRetry,
  children,
}: {
  items: readonly Item[] | null;
  problem: ProblemError | null;
  empty: string;
  onRetry(): void;
  children(item: Item): {
    icon?: ReactNode;
    name: ReactNode;
    detail: ReactNode;
    action?: ReactNode;
  };
}) {
  const t = useT();
  const failed = problem !== null && (
    <Note
      action={
        <Button look="quiet" onClick={onRetry}>
          {t('action.retry')}
        </Button>
      }
    >
      <ProblemText problem={problem} />
    </Note>
  );
  if (items === null) {
    return (
      failed || (
        <div className={styles.skeletons} role="status" aria-label={t('app.loading')}>
          <Skeleton height="44px" />
          <Skeleton height="44px" />
          <Skeleton height="44px" />
        </div>
      )
    );
  }
  return (
    <>
      {failed}
      {items.length === 0 ? (
        <p className={styles.detail}>{empty}</p>
      ) : (
        <ul className={styles.rows}>
          {items.map((item) => {
            const { icon, name, detail, action } = children(item);
            return (
              <li key={item.id} className={styles.row}>
                {icon ?? <span />}
                <div className={styles.main}>
                  <span className={styles.name}>{name}</span>
                  <span className={styles.detail}>{detail}</span>
                </div>
                {action}
              </li>
            );
          })}
        </ul>
      )}
    </>
  );
}
