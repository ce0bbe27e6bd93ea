import '@/messages/areas/chat';
import '@/messages/areas/moderation';
import { Eraser, ShieldAlert } from 'lucide-react';
import { useState } from 'react';
import { Button } from '@/components/Button';
import { ConfirmDialog } from '@/components/ConfirmDialog';
import type { Chat } from '@/lib/chat/chat';
import type { ChatState } from '@/lib/chat/state';
import { useT } from '@/messages/i18n';
import { ChatPanel } from './ChatPanel';
import { ActionList, BanList, People } from './DeskLists';
import { HeldQueue } from './HeldQueue';
import styles from './Desk.module.css';

/** Where moderators work: what waits, what was done, who may not write, and the chat itself. */
export function Desk({
  stream,
  chat,
  state,
}: {
  stream: { id: string; name: string };
  chat: Chat;
  state: ChatState;
}) {
  const t = useT();
  const [clearing, setClearing] = useState(false);
  const shielded = state.settings?.modes.includes('shield') ?? false;
  return (
    <div className={styles.desk}>
      <div className={styles.work}>
        <div className={styles.tools}>
          <Button
            look={shielded ? 'danger' : 'plain'}
            icon={<ShieldAlert size={18} />}
            aria-pressed={shielded}
            title={t('moderation.shield.text')}
            onClick={() => chat.say(shielded ? '/shieldoff' : '/shield')}
          >
            {t(shielded ? 'moderation.shield.off' : 'moderation.shield.on')}
          </Button>
          <Button icon={<Eraser size={18} />} onClick={() => setClearing(true)}>
            {t('moderation.clear')}
          </Button>
        </div>
        <HeldQueue chat={chat} stream={stream.id} />
        <div className={styles.lists}>
          <ActionList chat={chat} stream={stream.id} />
          <BanList chat={chat} stream={stream.id} />
          <People chat={chat} state={state} />
        </div>
      </div>
      <div className={styles.chat}>
        <ChatPanel stream={stream} chat={chat} state={state} />
      </div>
      {clearing && (
        <ConfirmDialog
          title={t('moderation.clear')}
          action={t('moderation.clear')}
          onConfirm={() => chat.act({ action: 'clear' })}
          onClose={() => setClearing(false)}
        >
          <p>{t('moderation.clear.text')}</p>
        </ConfirmDialog>
      )}
    </div>
  );
}
