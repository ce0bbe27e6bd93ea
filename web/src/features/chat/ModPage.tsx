import '@/messages/areas/chat';
import '@/messages/areas/moderation';
import { ShieldX } from 'lucide-react';
import { useCallback } from 'react';
import { ButtonLink } from '@/components/Button';
import { EmptyState } from '@/components/EmptyState';
import { ListProblem } from '@/components/ListStates';
import { PageHead } from '@/components/Panel';
import { Skeleton } from '@/components/Skeleton';
import { useLoad } from '@/components/use-load';
import { usePage } from '@/components/use-page';
import { paths } from '@/config/routes';
import { readStream } from '@/lib/streams/catalogue';
import type { Stream } from '@/lib/streams/types';
import { useT } from '@/messages/i18n';
import { Desk } from './Desk';
import { useChat } from './use-chat';
import styles from './Desk.module.css';

/** The desk of those who keep order in somebody's chat. */
export default function ModPage({ stream: name }: { stream: string }) {
  const t = useT();
  const { value, problem, reload } = useLoad(
    useCallback((signal: AbortSignal) => readStream(name, signal), [name]),
  );
  const title = value === null || value.title === '' ? name : value.title;
  usePage(t('moderation.of', { name: title }));
  return (
    <div className={styles.page}>
      <PageHead
        title={t('moderation.of', { name: title })}
        actions={<ButtonLink href={paths.watch(name)}>{t('moderation.not.action')}</ButtonLink>}
      />
      {value !== null ? (
        <ForModerators stream={value} />
      ) : problem !== null ? (
        <ListProblem problem={problem} onRetry={reload} />
      ) : (
        <Skeleton height="480px" />
      )}
    </div>
  );
}

function ForModerators({ stream }: { stream: Stream }) {
  const t = useT();
  const { chat, state } = useChat(stream.id, null, false);
  if (state.you === null && state.status !== 'refused') return <Skeleton height="480px" />;
  if (state.you?.may.moderate !== true)
    return (
      <EmptyState
        icon={<ShieldX size={24} />}
        title={t('moderation.not.title')}
        text={t('moderation.not.text')}
        action={
          <ButtonLink look="primary" href={paths.watch(stream.name)}>
            {t('moderation.not.action')}
          </ButtonLink>
        }
      />
    );
  return <Desk stream={stream} chat={chat} state={state} />;
}
