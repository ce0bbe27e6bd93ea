import { ChevronDown, ChevronUp, Pin, PinOff } from 'lucide-react';
import { useState } from 'react';
import { IconButton } from '@/components/Button';
import type { ChatMessage } from '@/lib/api/generated/ChatMessage';
import { useT } from '@/messages/i18n';
import { AuthorName, Badges } from './AuthorName';
import { MessageText } from './MessageText';
import { useModeration } from './use-moderation';
import styles from './ChatPanel.module.css';

/** The message at the top of the chat. */
export function Pinned({
  message,
  handle,
  moderates,
}: {
  message: ChatMessage;
  handle: string | null;
  moderates: boolean;
}) {
  const t = useT();
  const { unpin } = useModeration();
  const [folded, setFolded] = useState<string | null>(null);
  const isFolded = folded === message.id;
  return (
    <section className={styles.pinned} aria-label={t('chat.pinned')}>
      <header className={styles.pinnedHead}>
        <Pin size={14} aria-hidden="true" />
        <h3>{t('chat.pinned')}</h3>
        {moderates && (
          <IconButton label={t('chat.unpin')} className={styles.small} onClick={unpin}>
            <PinOff size={16} />
          </IconButton>
        )}
        <IconButton
          label={t(isFolded ? 'chat.pinned.unfold' : 'chat.pinned.fold')}
          className={styles.small}
          aria-expanded={!isFolded}
          onClick={() => setFolded(isFolded ? null : message.id)}
        >
          {isFolded ? <ChevronDown size={16} /> : <ChevronUp size={16} />}
        </IconButton>
      </header>
      {!isFolded && (
        <p className={styles.pinnedText}>
          <Badges of={message.author.badges} />
          <AuthorName author={message.author} />: <MessageText message={message} handle={handle} />
        </p>
      )}
    </section>
  );
}
