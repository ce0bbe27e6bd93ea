import '@/messages/areas/chat';
import { ExternalLink, MessageSquare, PanelRightClose, Shield, X } from 'lucide-react';
import { useEffect, useState } from 'react';
import { Link } from 'wouter';
import { IconButton } from '@/components/Button';
import { useSnapshot } from '@/components/use-snapshot';
import { paths } from '@/config/routes';
import { prefer, preferences } from '@/lib/chat/preferences';
import type { ChatState } from '@/lib/chat/state';
import type { Stream } from '@/lib/streams/types';
import { useT } from '@/messages/i18n';
import { ChatPanel } from './ChatPanel';
import { useChat } from './use-chat';
import styles from './ChatColumn.module.css';

const POPOUT = 'popup,width=380,height=680';

/** The chat of the watch page: a column beside the player, or a sheet below it on small screens. */
export default function ChatColumn({
  stream,
  peer,
  patient,
  seen,
  onFollow,
}: {
  stream: Stream;
  peer: RTCPeerConnection | null;
  patient: boolean;
  seen(): number | null;
  onFollow(following: boolean): void;
}) {
  const t = useT();
  const { open } = useSnapshot(preferences);
  const [sheet, setSheet] = useState(false);
  const { chat, state } = useChat(stream.id, peer, patient, seen);
  useEffect(() => {
    if (!sheet) return;
    // The sheet begins where the picture ends.
    window.scrollTo(0, 0);
    const onKeyDown = ({ key, defaultPrevented }: KeyboardEvent) => {
      if (key === 'Escape' && !defaultPrevented && document.querySelector('dialog[open]') === null)
        setSheet(false);
    };
    document.addEventListener('keydown', onKeyDown);
    return () => document.removeEventListener('keydown', onKeyDown);
  }, [sheet]);
  const popOut = () => {
    window.open(paths.chat(stream.name), `chat-${stream.id}`, POPOUT);
    prefer({ open: false });
    setSheet(false);
  };

  return (
    <aside className={styles.place} data-open={open} data-sheet={sheet}>
      {!open && (
        <button type="button" className={styles.show} onClick={() => prefer({ open: true })}>
          <MessageSquare size={18} aria-hidden="true" />
          <span>{t('chat.show')}</span>
        </button>
      )}
      <button
        type="button"
        className={styles.peek}
        aria-expanded={sheet}
        onClick={() => setSheet(true)}
      >
        <MessageSquare size={18} aria-hidden="true" />
        <strong>{t('chat.title')}</strong>
        <Newest state={state} />
      </button>
      <div className={styles.panel}>
        <ChatPanel
          stream={stream}
          chat={chat}
          state={state}
          follow={{ owner: stream.owner, following: stream.following, onChange: onFollow }}
          tools={
            <>
              {state.you?.may.moderate === true && (
                <Link
                  href={paths.moderate(stream.name)}
                  className={styles.desk}
                  aria-label={t('chat.moderate')}
                  title={t('chat.moderate')}
                >
                  <Shield size={16} />
                </Link>
              )}
              <IconButton label={t('chat.popout')} className={styles.wide} onClick={popOut}>
                <ExternalLink size={16} />
              </IconButton>
              <IconButton
                label={t('chat.hide')}
                className={styles.wide}
                onClick={() => prefer({ open: false })}
              >
                <PanelRightClose size={16} />
              </IconButton>
              <IconButton
                label={t('action.close')}
                className={styles.narrow}
                onClick={() => setSheet(false)}
              >
                <X size={18} />
              </IconButton>
            </>
          }
        />
      </div>
    </aside>
  );
}

/** The newest message in a line, where the chat itself is folded away. */
function Newest({ state }: { state: ChatState }) {
  const row = state.rows.findLast((candidate) => candidate.kind === 'message');
  if (row?.kind !== 'message') return null;
  return (
    <span className={styles.newest} dir="auto">
      <bdi>{row.message.author.name}</bdi> {row.message.text}
    </span>
  );
}
