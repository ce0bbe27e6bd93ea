import '@/messages/areas/streams';
import type { ProblemError } from '@/lib/api/problem';
import { useT } from '@/messages/i18n';
import { Button } from './Button';
import { Note, ProblemText } from './ProblemNote';
import type { CursorList } from './use-cursor-list';
import styles from './ListStates.module.css';

/** The foot of a list that comes in pages. */
export function More({
  list,
}: {
  list: Pick<CursorList<unknown>, 'more' | 'loading' | 'loadMore'>;
}) {
  const t = useT();
  if (!list.more) return null;
  return (
    <div className={styles.more}>
      <Button onClick={list.loadMore} disabled={list.loading}>
        {t(list.loading ? 'stream.loadingMore' : 'stream.more')}
      </Button>
    </div>
  );
}

/** A list that could not be loaded; what came before stays in view below it. */
export function ListProblem({
  problem,
  title,
  onRetry,
}: {
  problem: ProblemError | null;
  title?: string;
  onRetry(): void;
}) {
  const t = useT();
  if (problem === null) return null;
  return (
    <Note
      title={title ?? t('stream.failed')}
      action={
        <Button look="quiet" onClick={onRetry}>
          {t('action.retry')}
        </Button>
      }
    >
      <ProblemText problem={problem} />
    </Note>
  );
}
