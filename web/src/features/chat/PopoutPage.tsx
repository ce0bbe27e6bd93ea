import '@/messages/areas/chat';
import { useCallback } from 'react';
import { ListProblem } from '@/components/ListStates';
import { Skeleton } from '@/components/Skeleton';
import { useLoad } from '@/components/use-load';
import { useTitle } from '@/components/use-title';
import { readStream } from '@/lib/streams/catalogue';
import type { Stream } from '@/lib/streams/types';
import { useT } from '@/messages/i18n';
import { ChatPanel } from './ChatPanel';
import { useChat } from './use-chat';
import styles from './PopoutPage.module.css';

/** The chat alone, in a window of its own. */
export default function PopoutPage({ stream: name }: { stream: string }) {
  const t = useT();
  const { value, problem, reload, set } = useLoad(
    useCallback((signal: AbortSignal) => readStream(name, signal), [name]),
  );
  const title = value === null || value.title === '' ? name : value.title;
  useTitle(`${t('chat.title')}: ${title}`);
  return (
    <main className={styles.page}>
      <h1 className="visually-hidden">{t('chat.label', { name: title })}</h1>
      {value !== null ? (
        <Alone
          stream={value}
          onFollow={(following) => set((stream) => ({ ...stream, following }))}
        />
      ) : problem !== null ? (
        <ListProblem problem={problem} onRetry={reload} />
      ) : (
        <Skeleton height="100%" />
      )}
    </main>
  );
}

function Alone({ stream, onFollow }: { stream: Stream; onFollow(following: boolean): void }) {
  const { chat, state } = useChat(stream.id, null, false);
  const { owner, following } = stream;
  return (
    <ChatPanel
      stream={stream}
      chat={chat}
      state={state}
      follow={{ owner, following, onChange: onFollow }}
    />
  );
}
