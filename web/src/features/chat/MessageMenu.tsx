import { Ban, Clock, Copy, Flag, Pin, Reply, Trash2, User, UserX, VolumeX } from 'lucide-react';
import { useState, type ReactNode } from 'react';
import { Button } from '@/components/Button';
import { copyText } from '@/components/Copy';
import { Dialog } from '@/components/Dialog';
import { Excerpt } from '@/components/Excerpt';
import { useMe } from '@/components/session';
import { useSnapshot } from '@/components/use-snapshot';
import type { ChatMessage } from '@/lib/api/generated/ChatMessage';
import type { Permissions } from '@/lib/api/generated/Permissions';
import { blocks } from '@/lib/chat/blocks';
import { useT } from '@/messages/i18n';
import { useSeat } from './seat';
import { Timeouts } from './Timeouts';
import { useModeration } from './use-moderation';
import styles from './Cards.module.css';

/** Everything that can be done with a message, for fingers and keyboards. */
export function MessageMenu({
  message,
  may,
  onClose,
}: {
  message: ChatMessage;
  may: Permissions;
  onClose(): void;
}) {
  const t = useT();
  const me = useMe();
  const seat = useSeat();
  const moderation = useModeration();
  const { of: blocked } = useSnapshot(blocks);
  const [timing, setTiming] = useState(false);
  const { author } = message;
  const { id } = author;
  const other = id !== null && id !== me?.id;
  const owner = author.badges?.includes('broadcaster') === true;
  const run = (act: () => unknown) => () => {
    onClose();
    act();
  };
  const copy = async () => {
    await copyText(message.text);
    seat.tell(t('chat.did.copy'));
  };
  const isBlocked = id !== null && blocked.has(id);
  return (
    <Dialog open title={t('chat.message.of', { name: author.name })} onClose={onClose}>
      <Excerpt>{message.text}</Excerpt>
      <div className={styles.acts}>
        {may.write && (
          <Act icon={<Reply size={18} />} onClick={run(() => seat.reply(message))}>
            {t('chat.act.reply')}
          </Act>
        )}
        <Act icon={<Copy size={18} />} onClick={run(() => void copy())}>
          {t('chat.act.copy')}
        </Act>
        <Act icon={<User size={18} />} onClick={run(() => seat.openCard(author))}>
          {t('chat.act.card')}
        </Act>
        {id !== me?.id && (
          <Act icon={<Flag size={18} />} onClick={run(() => seat.report(message))}>
            {t('chat.act.report')}
          </Act>
        )}
        {other && me !== null && (
          <Act
            icon={<UserX size={18} />}
            onClick={run(() => void moderation.block(author, !isBlocked))}
          >
            {t(isBlocked ? 'chat.act.unblock' : 'chat.act.block')}
          </Act>
        )}
        {may.moderate && (
          <>
            <hr className={styles.rule} />
            <Act icon={<Pin size={18} />} onClick={run(() => moderation.pin(message))}>
              {t('chat.act.pin')}
            </Act>
            <Act icon={<Trash2 size={18} />} onClick={run(() => moderation.remove(message))}>
              {t('chat.act.delete')}
            </Act>
          </>
        )}
        {may.moderate && other && !owner && (
          <>
            <Act icon={<Clock size={18} />} expanded={timing} onClick={() => setTiming(!timing)}>
              {t('chat.act.timeout')}
            </Act>
            {timing && (
              <Timeouts onTimeout={(seconds) => run(() => moderation.timeout(author, seconds))()} />
            )}
            <Act icon={<VolumeX size={18} />} onClick={run(() => moderation.mute(author))}>
              {t('chat.act.mute')}
            </Act>
            <Act icon={<Ban size={18} />} danger onClick={run(() => moderation.ban(author))}>
              {t('chat.act.ban')}
            </Act>
          </>
        )}
      </div>
    </Dialog>
  );
}

function Act({
  icon,
  danger = false,
  expanded,
  onClick,
  children,
}: {
  icon: ReactNode;
  danger?: boolean;
  expanded?: boolean;
  onClick(): void;
  children: ReactNode;
}) {
  return (
    <Button
      look="quiet"
      wide
      icon={icon}
      className={danger ? `${styles.act} ${styles.dangerous}` : styles.act}
      aria-expanded={expanded}
      onClick={onClick}
    >
      {children}
    </Button>
  );
}
