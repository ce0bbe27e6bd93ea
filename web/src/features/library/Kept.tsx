import { Trash2 } from 'lucide-react';
import { useCallback, useState, type ReactNode } from 'react';
import { IconButton } from '@/components/Button';
import { CardGrid } from '@/components/CardGrid';
import { ListProblem, More } from '@/components/ListStates';
import { useAttempt } from '@/components/use-attempt';
import { useCursorList } from '@/components/use-cursor-list';
import type { LibraryItem, LibraryKind, StreamCard } from '@/lib/streams/types';
import { keep, library } from '@/lib/streams/viewing';
import { useT } from '@/messages/i18n';

/** One shelf of streams that were put aside. */
export function Kept({ kind, empty }: { kind: LibraryKind; empty: ReactNode }) {
  const t = useT();
  const list = useCursorList<LibraryItem>(
    useCallback((cursor, signal) => library(kind, cursor, signal), [kind]),
  );
  const { failed, attempt } = useAttempt();
  const [said, setSaid] = useState('');
  const remove = (stream: StreamCard) =>
    attempt(async () => {
      await keep(kind, stream.id, false);
      list.change((items) => items.filter((item) => item.stream.id !== stream.id));
      setSaid(t('library.removed', { title: stream.title }));
    });
  return (
    <>
      <ListProblem problem={list.problem ?? failed} onRetry={list.reload} />
      <p role="status" className="visually-hidden">
        {said}
      </p>
      {list.items?.length === 0 ? (
        empty
      ) : (
        <CardGrid
          level={2}
          streams={list.items?.map((item) => item.stream) ?? null}
          action={(stream) => (
            <IconButton
              label={t('library.remove', { title: stream.title })}
              onClick={() => void remove(stream)}
            >
              <Trash2 size={16} />
            </IconButton>
          )}
        />
      )}
      <More list={list} />
    </>
  );
}
