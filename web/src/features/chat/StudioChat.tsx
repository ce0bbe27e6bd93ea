import '@/messages/areas/chat';
import '@/messages/areas/moderation';
import { useCallback } from 'react';
import { useSearchParams } from 'wouter';
import { ConflictDialog } from '@/components/ConflictDialog';
import { Segmented } from '@/components/Fields';
import { Skeleton } from '@/components/Skeleton';
import { useRecord } from '@/components/use-record';
import type { ChatSettings } from '@/lib/api/generated/ChatSettings';
import type { Answer } from '@/lib/api/transport';
import { changeChat, readChat } from '@/lib/chat/api';
import type { ChatRecord } from '@/lib/chat/records';
import type { Stream } from '@/lib/streams/types';
import { useT } from '@/messages/i18n';
import { Desk } from './Desk';
import { Failed } from './DeskLists';
import { EmotesPanel } from './EmotesPanel';
import { ModeratorsPanel } from './ModeratorsPanel';
import { RulesForm } from './RulesForm';
import { TermsPanel } from './TermsPanel';
import { useChat } from './use-chat';
import styles from './Desk.module.css';

type View = 'desk' | 'settings';

/** The chat of an own stream: the desk, and what is asked of those who write. */
export default function StudioChat({ stream }: { stream: Stream }) {
  const t = useT();
  const [parameters, setParameters] = useSearchParams();
  const view: View = parameters.get('view') === 'settings' ? 'settings' : 'desk';
  const { chat, state } = useChat(stream.id, null, false);
  return (
    <>
      <div className={styles.views}>
        <Segmented<View>
          label={t('moderation.views')}
          value={view}
          options={[
            { value: 'desk', label: t('moderation.desk') },
            { value: 'settings', label: t('moderation.settings') },
          ]}
          onChoose={(next) => setParameters(next === 'settings' ? { view: next } : {})}
        />
      </div>
      {view === 'desk' ? (
        <Desk stream={stream} chat={chat} state={state} />
      ) : (
        <Settings stream={stream.id} />
      )}
    </>
  );
}

function Settings({ stream }: { stream: string }) {
  const t = useT();
  const only = (answer: Answer<ChatRecord>): Answer<ChatSettings> => ({
    ...answer,
    body: answer.body.settings,
  });
  const { value, problem, reload, save, conflict } = useRecord<ChatSettings, Partial<ChatSettings>>(
    useCallback(async (signal?: AbortSignal) => only(await readChat(stream, signal)), [stream]),
    useCallback(
      async (change: Partial<ChatSettings>, ifMatch: string | null) =>
        only(await changeChat(stream, change, ifMatch)),
      [stream],
    ),
  );
  if (value === null)
    return problem === null ? (
      <Skeleton height="480px" />
    ) : (
      <Failed problem={problem} onRetry={reload} />
    );
  return (
    <div className={styles.settings}>
      <RulesForm settings={value} onSave={save} />
      <div className={styles.columns}>
        <ModeratorsPanel stream={stream} />
        <EmotesPanel stream={stream} />
        <TermsPanel stream={stream} />
      </div>
      <ConflictDialog
        conflict={conflict}
        labels={{
          enabled: t('rules.enabled'),
          anonymous_may_write: t('rules.anonymous'),
          modes: t('rules.who'),
          slow_seconds: t('rules.slow'),
          followers_minutes: t('rules.followers'),
          filter: t('rules.filter'),
          links: t('rules.links'),
          rules: t('rules.rules'),
        }}
      />
    </div>
  );
}
