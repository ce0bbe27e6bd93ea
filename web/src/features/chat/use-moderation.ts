import { useMemo } from 'react';
import { asProblem } from '@/components/use-load';
import { spanText } from '@/components/time';
import { block } from '@/lib/chat/blocks';
import type { Act } from '@/lib/chat/types';
import type { ChatAuthor } from '@/lib/api/generated/ChatAuthor';
import type { ChatMessage } from '@/lib/api/generated/ChatMessage';
import { useI18n } from '@/messages/i18n';
import { refusalText } from './OtherRows';
import { useSeat } from './seat';

const MINUTE_S = 60;

/** Acts of moderators and readers, each with a word about what came of it. */
export function useModeration() {
  const { t, locale } = useI18n();
  const seat = useSeat();
  return useMemo(() => {
    const { chat, tell } = seat;
    const failed = (error: unknown) => {
      const { code, detail, message } = asProblem(error);
      const refusal = { code: code as 'network', detail: detail ?? message };
      tell(t('chat.did.failed', { reason: refusalText(refusal, t) }));
    };
    const run = async (act: Act, done: string, undo?: Act) => {
      try {
        await chat.act(act);
        tell(done, undo && (() => chat.act(undo)));
      } catch (error) {
        failed(error);
      }
    };
    const on = (author: ChatAuthor, act: (account: string) => Act, done: string) => {
      if (author.id === null) return;
      void run(act(author.id), done, { action: 'unban', account: author.id });
    };
    const span = (seconds: number) =>
      seconds < MINUTE_S ? t('unit.seconds', { value: seconds }) : spanText(seconds * 1000, locale);
    return {
      remove: (message: ChatMessage) =>
        void run({ action: 'delete', message: message.id }, t('chat.did.delete')),
      timeout: (author: ChatAuthor, seconds: number, reason: string | null = null) =>
        on(
          author,
          (account) => ({ action: 'timeout', account, seconds, reason }),
          t('chat.did.timeout', { name: author.name, span: span(seconds) }),
        ),
      ban: (author: ChatAuthor, reason: string | null = null) =>
        on(
          author,
          (account) => ({ action: 'ban', account, reason }),
          t('chat.did.ban', { name: author.name }),
        ),
      mute: (author: ChatAuthor, reason: string | null = null) =>
        on(
          author,
          (account) => ({ action: 'mute', account, reason }),
          t('chat.did.mute', { name: author.name }),
        ),
      unban: (author: ChatAuthor) => {
        if (author.id !== null)
          void run(
            { action: 'unban', account: author.id },
            t('chat.did.unban', { name: author.name }),
          );
      },
      pin: (message: ChatMessage) =>
        void run({ action: 'pin', message: message.id }, t('chat.did.pin')),
      unpin: () => void run({ action: 'unpin' }, t('chat.did.unpin')),
      block: async (author: ChatAuthor, wanted: boolean) => {
        const { id } = author;
        if (id === null) return;
        try {
          await block(id, wanted);
          tell(
            t(wanted ? 'chat.did.block' : 'chat.did.unblock', { name: author.name }),
            wanted ? () => block(id, false) : undefined,
          );
        } catch (error) {
          failed(error);
        }
      },
    };
  }, [seat, t, locale]);
}

export type Moderation = ReturnType<typeof useModeration>;
