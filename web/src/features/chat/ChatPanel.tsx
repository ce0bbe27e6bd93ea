import '@/messages/areas/chat';
import { SlidersHorizontal, Users } from 'lucide-react';
import { useEffect, useMemo, useState, type ReactNode } from 'react';
import { IconButton } from '@/components/Button';
import ReportDialog from '@/components/ReportDialog';
import { useMe } from '@/components/session';
import { compactText } from '@/components/time';
import { useSnapshot } from '@/components/use-snapshot';
import type { ChatAuthor } from '@/lib/api/generated/ChatAuthor';
import type { ChatMessage } from '@/lib/api/generated/ChatMessage';
import type { Chat } from '@/lib/chat/chat';
import { preferences } from '@/lib/chat/preferences';
import type { ChatState } from '@/lib/chat/state';
import { NO_PERMISSIONS } from '@/lib/chat/types';
import { useI18n, useT } from '@/messages/i18n';
import { MemberCard } from './MemberCard';
import { MessageList } from './MessageList';
import { MessageMenu } from './MessageMenu';
import { Modes } from './Modes';
import { Pinned } from './Pinned';
import { PreferencesDialog } from './PreferencesDialog';
import { Bursts, ReactionBar } from './Reactions';
import { SeatContext, type Seat } from './seat';
import { Said, type Word } from './Said';
import { useHeard } from './use-chat';
import { useEmotes } from './use-emotes';
import { WriteArea, type Follow } from './WriteArea';
import styles from './ChatPanel.module.css';

type Open =
  | { what: 'menu' | 'report'; message: ChatMessage }
  | { what: 'card' | 'report-account'; author: ChatAuthor }
  | { what: 'preferences' }
  | null;

/** The whole chat of a stream, in the box that it is put in. */
export function ChatPanel({
  stream,
  chat,
  state,
  follow = null,
  tools,
}: {
  stream: { id: string; name: string };
  chat: Chat;
  state: ChatState;
  follow?: Follow | null;
  /** More buttons at the end of the head. */
  tools?: ReactNode;
}) {
  const t = useT();
  const me = useMe();
  const look = useSnapshot(preferences);
  const rows = useHeard(state.rows);
  const emotes = useEmotes(stream.id, state.emotesVersion);
  const [open, setOpen] = useState<Open>(null);
  const [replyTo, setReplyTo] = useState<ChatMessage | null>(null);
  const [word, setWord] = useState<Word | null>(null);
  const may = state.you?.may ?? NO_PERMISSIONS;
  const seat = useMemo<Seat>(
    () => ({
      chat,
      stream: stream.id,
      reply: setReplyTo,
      openCard: (author) => setOpen({ what: 'card', author }),
      openMenu: (message) => setOpen({ what: 'menu', message }),
      report: (message) => setOpen({ what: 'report', message }),
      tell: (text, undo) => setWord({ text, undo }),
    }),
    [chat, stream.id],
  );
  useEffect(() => () => setReplyTo(null), [chat]);
  const close = () => setOpen(null);

  return (
    <SeatContext value={seat}>
      <section
        className={styles.panel}
        aria-label={t('chat.label', { name: stream.name })}
        data-size={look.size}
        data-compact={look.compact}
        data-timestamps={look.timestamps}
      >
        <header className={styles.head}>
          <h2 className={styles.title}>{t('chat.title')}</h2>
          <Present state={state} />
          <div className={styles.tools}>
            <IconButton
              label={t('chat.preferences')}
              className={styles.small}
              onClick={() => setOpen({ what: 'preferences' })}
            >
              <SlidersHorizontal size={16} />
            </IconButton>
            {tools}
          </div>
        </header>
        {state.pinned !== null && (
          <Pinned
            message={state.pinned}
            handle={me?.handle.toLowerCase() ?? null}
            moderates={may.moderate}
          />
        )}
        <div className={styles.middle}>
          <MessageList state={state} rows={rows} />
          <Bursts emotes={emotes} />
        </div>
        <Said word={word} onGone={() => setWord(null)} />
        {state.status === 'reconnecting' && (
          <p className={styles.away} role="status">
            {t('chat.reconnecting')}
          </p>
        )}
        <footer className={styles.foot}>
          {state.settings !== null && <Modes settings={state.settings} />}
          <ReactionBar disabled={state.status !== 'open'} />
          <WriteArea
            state={state}
            emotes={emotes}
            follow={follow}
            replyTo={replyTo}
            onReplied={() => setReplyTo(null)}
          />
        </footer>
        {open?.what === 'menu' && <MessageMenu message={open.message} may={may} onClose={close} />}
        {open?.what === 'card' && (
          <MemberCard
            key={open.author.id ?? open.author.name}
            author={open.author}
            may={may}
            onReport={() => setOpen({ what: 'report-account', author: open.author })}
            onClose={close}
          />
        )}
        {open?.what === 'preferences' && <PreferencesDialog onClose={close} />}
        {open?.what === 'report' && (
          <ReportDialog
            about={{
              target: 'message',
              stream_id: stream.id,
              message_id: open.message.id,
              name: open.message.author.name,
              excerpt: open.message.text,
            }}
            onClose={close}
          />
        )}
        {open?.what === 'report-account' && open.author.id !== null && (
          <ReportDialog
            about={{
              target: 'account',
              account_id: open.author.id,
              name: open.author.name,
            }}
            onClose={close}
          />
        )}
      </section>
    </SeatContext>
  );
}

function Present({ state }: { state: ChatState }) {
  const { t, locale } = useI18n();
  if (state.presence === null) return <span className={styles.present} />;
  const count = state.presence.accounts + state.presence.anonymous;
  const text = t('chat.present', { count });
  return (
    <span className={styles.present} title={text} data-way={state.way ?? undefined}>
      <Users size={14} aria-hidden="true" />
      <span aria-hidden="true">{compactText(count, locale)}</span>
      <span className="visually-hidden">{text}</span>
    </span>
  );
}
