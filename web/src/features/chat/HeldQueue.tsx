import { Check, X } from 'lucide-react';
import { useCallback, useEffect, useRef, type KeyboardEvent } from 'react';
import { Button } from '@/components/Button';
import { Panel } from '@/components/Panel';
import { Time } from '@/components/Time';
import { useSnapshot } from '@/components/use-snapshot';
import { heldMessages } from '@/lib/chat/api';
import type { Chat } from '@/lib/chat/chat';
import type { Held } from '@/lib/chat/types';
import { hasMessage } from '@/messages/catalogue';
import { useT } from '@/messages/i18n';
import { AuthorName, Badges } from './AuthorName';
import { MessageText } from './MessageText';
import styles from './Desk.module.css';

/** Messages that the filter holds back, for a moderator to decide. Keys do the work. */
export function HeldQueue({ chat, stream }: { chat: Chat; stream: string }) {
  const t = useT();
  const list = useRef<HTMLUListElement>(null);
  const { held } = useSnapshot(chat.desk.state);
  useEffect(() => {
    const abort = new AbortController();
    // Those that waited before this page came.
    heldMessages(stream, abort.signal)
      .then((found) => chat.desk.add(found))
      .catch(() => undefined);
    return () => abort.abort();
  }, [chat, stream]);

  const settle = useCallback(
    (message: string, action: 'approve' | 'deny') => {
      const items = itemsOf(list.current);
      const at = items.findIndex(({ dataset }) => dataset.held === message);
      const next = items[at + 1] ?? items[at - 1];
      next?.focus();
      chat.act({ action, message }).catch(() => undefined);
    },
    [chat],
  );
  const onKeyDown = (event: KeyboardEvent) => {
    const items = itemsOf(list.current);
    const at = items.findIndex((item) => item.contains(document.activeElement));
    const message = items[at]?.dataset.held;
    switch (event.key.toLowerCase()) {
      case 'j':
      case 'arrowdown':
        items[Math.min(items.length - 1, at + 1)]?.focus();
        break;
      case 'k':
      case 'arrowup':
        items[Math.max(0, at - 1)]?.focus();
        break;
      case 'a':
        if (message !== undefined) settle(message, 'approve');
        break;
      case 'd':
        if (message !== undefined) settle(message, 'deny');
        break;
      default:
        return;
    }
    event.preventDefault();
    event.stopPropagation();
  };

  return (
    <Panel
      title={t('moderation.held')}
      text={
        held.length > 0 ? (
          <span className={styles.keys}>{t('moderation.held.text')}</span>
        ) : undefined
      }
      aside={<span className={styles.count}>{held.length}</span>}
    >
      {held.length === 0 ? (
        <p className={styles.quiet}>{t('moderation.held.empty')}</p>
      ) : (
        <ul ref={list} className={styles.queue} onKeyDown={onKeyDown}>
          {held.map((entry) => (
            <Waiting key={entry.message.id} entry={entry} onSettle={settle} />
          ))}
        </ul>
      )}
    </Panel>
  );
}

function itemsOf(list: HTMLElement | null): HTMLElement[] {
  return [...(list?.querySelectorAll<HTMLElement>('[data-held]') ?? [])];
}

function Waiting({
  entry: { message, reasons },
  onSettle,
}: {
  entry: Held;
  onSettle(message: string, action: 'approve' | 'deny'): void;
}) {
  const t = useT();
  const named = (reason: string) => {
    const key = `moderation.reason.${reason}`;
    return hasMessage(key) ? t(key) : reason;
  };
  return (
    <li className={styles.waiting}>
      <div
        className={styles.words}
        role="group"
        aria-label={t('moderation.held.of', { name: message.author.name })}
        tabIndex={0}
        data-held={message.id}
      >
        <p>
          <Badges of={message.author.badges} />
          <AuthorName author={message.author} />: <MessageText message={message} handle={null} />
        </p>
        <p className={styles.quiet}>
          {reasons.map(named).join(', ')} · <Time at={message.at} />
        </p>
      </div>
      <div className={styles.decide}>
        <Button icon={<Check size={16} />} onClick={() => onSettle(message.id, 'approve')}>
          {t('moderation.approve')}
        </Button>
        <Button look="danger" icon={<X size={16} />} onClick={() => onSettle(message.id, 'deny')}>
          {t('moderation.deny')}
        </Button>
      </div>
    </li>
  );
}
