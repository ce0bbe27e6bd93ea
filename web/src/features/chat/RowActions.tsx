import { Ban, Clock, Ellipsis, Reply, Trash2 } from 'lucide-react';
import { useLayoutEffect, useState, type ReactNode, type RefObject } from 'react';
import type { ChatMessage } from '@/lib/api/generated/ChatMessage';
import type { Row } from '@/lib/chat/types';
import { useT } from '@/messages/i18n';
import { useSeat } from './seat';
import { useModeration } from './use-moderation';
import styles from './MessageList.module.css';

/** The usual timeout: long enough to cool down, short enough to be given without a thought. */
const QUICK_TIMEOUT_S = 600;

/** So much of it lies above the row that it belongs to. */
const TOOLBAR_PX = 18;

/** What can be done with the message under the pointer, at its upper corner. */
export function RowActions({
  message,
  list,
  rows,
  moderates,
  writes,
}: {
  message: ChatMessage;
  list: RefObject<HTMLDivElement | null>;
  /** Those above may come and go, and the message moves with them. */
  rows: readonly Row[];
  moderates: boolean;
  writes: boolean;
}) {
  const t = useT();
  const seat = useSeat();
  const moderation = useModeration();
  const [top, setTop] = useState<number | null>(null);
  useLayoutEffect(() => {
    const row = list.current?.querySelector<HTMLElement>(`[data-key="${message.id}"]`);
    const above = (list.current?.scrollTop ?? 0) + TOOLBAR_PX;
    setTop(row ? Math.max(row.offsetTop, above) : null);
  }, [list, message.id, rows]);
  const { author } = message;
  const silence =
    moderates && author.id !== null && author.badges?.includes('broadcaster') !== true;
  if (top === null) return null;
  return (
    <div className={styles.actions} style={{ top }} data-actions="">
      {writes && (
        <Act label={t('chat.act.reply')} onClick={() => seat.reply(message)}>
          <Reply size={16} />
        </Act>
      )}
      {moderates && (
        <Act label={t('chat.act.delete')} onClick={() => moderation.remove(message)}>
          <Trash2 size={16} />
        </Act>
      )}
      {silence && (
        <>
          <Act
            label={`${t('chat.act.timeout')}: ${t('chat.act.timeout.600')}`}
            onClick={() => moderation.timeout(author, QUICK_TIMEOUT_S)}
          >
            <Clock size={16} />
          </Act>
          <Act label={t('chat.act.ban')} onClick={() => moderation.ban(author)}>
            <Ban size={16} />
          </Act>
        </>
      )}
      <Act label={t('chat.act.menu', { name: author.name })} onClick={() => seat.openMenu(message)}>
        <Ellipsis size={16} />
      </Act>
    </div>
  );
}

function Act({
  label,
  onClick,
  children,
}: {
  label: string;
  onClick(): void;
  children: ReactNode;
}) {
  return (
    <button
      type="button"
      className={styles.act}
      aria-label={label}
      title={label}
      tabIndex={-1}
      onClick={onClick}
    >
      {children}
    </button>
  );
}
