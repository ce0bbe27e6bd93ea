import { Trash2 } from 'lucide-react';
import { useState, type ReactNode } from 'react';
import { Link } from 'wouter';
import { Button } from '@/components/Button';
import { Dialog } from '@/components/Dialog';
import { ListProblem, More } from '@/components/ListStates';
import { Skeleton } from '@/components/Skeleton';
import { Thumbnail } from '@/components/StreamCard';
import { agoText, spanText } from '@/components/time';
import { useAttempt } from '@/components/use-attempt';
import { useCursorList } from '@/components/use-cursor-list';
import { paths } from '@/config/routes';
import type { HistoryItem } from '@/lib/streams/types';
import { forgetHistory, history } from '@/lib/streams/viewing';
import { useI18n, useT } from '@/messages/i18n';
import styles from './LibraryPage.module.css';

/** What was watched, the newest first. */
export function History({ empty }: { empty: ReactNode }) {
  const t = useT();
  const list = useCursorList<HistoryItem>(history);
  const [asking, setAsking] = useState(false);
  const { failed, attempt } = useAttempt();
  const clear = () =>
    attempt(async () => {
      setAsking(false);
      await forgetHistory();
      list.change(() => []);
    });
  const shown = list.items?.filter((item) => item.stream !== null);
  return (
    <>
      <ListProblem problem={list.problem ?? failed} onRetry={list.reload} />
      {shown?.length === 0 && empty}
      {shown !== undefined && shown.length > 0 && (
        <>
          <div className={styles.acts}>
            <Button look="quiet" icon={<Trash2 size={16} />} onClick={() => setAsking(true)}>
              {t('library.clear')}
            </Button>
          </div>
          <ul className={styles.rows}>
            {shown.map((item) => (
              <Row key={item.id} item={item} />
            ))}
          </ul>
        </>
      )}
      {list.items === null && list.problem === null && <Shape />}
      <More list={list} />
      <Dialog
        title={t('library.clear.title')}
        open={asking}
        onClose={() => setAsking(false)}
        actions={
          <>
            <Button look="quiet" onClick={() => setAsking(false)}>
              {t('action.cancel')}
            </Button>
            <Button look="danger" onClick={() => void clear()}>
              {t('library.clear')}
            </Button>
          </>
        }
      >
        <p>{t('library.clear.text')}</p>
      </Dialog>
    </>
  );
}

function Row({ item }: { item: HistoryItem }) {
  const { t, locale } = useI18n();
  const { stream } = item;
  if (stream === null) return null;
  return (
    <li className={styles.row}>
      <div className={styles.picture}>
        <Thumbnail stream={stream} />
      </div>
      <div className={styles.words}>
        <h2 className={styles.name}>
          <Link href={paths.watch(stream.name)} className={styles.link}>
            <bdi>{stream.title === '' ? stream.name : stream.title}</bdi>
          </Link>
        </h2>
        <p className={styles.detail}>
          <bdi>{stream.owner.display_name}</bdi>
        </p>
        <p className={styles.detail}>
          {t('library.watched', {
            time: agoText(item.started_at, Date.now(), locale),
            span: spanText(item.duration_watched * 1000, locale),
          })}
        </p>
      </div>
    </li>
  );
}

function Shape() {
  const t = useT();
  return (
    <div className={styles.rows} role="status" aria-label={t('app.loading')}>
      {Array.from({ length: 5 }, (_, index) => (
        <div key={index} className={styles.row}>
          <div className={styles.picture}>
            <Skeleton height="100%" />
          </div>
          <div className={styles.words}>
            <Skeleton width="70%" height="18px" />
            <Skeleton width="40%" height="14px" />
          </div>
        </div>
      ))}
    </div>
  );
}
