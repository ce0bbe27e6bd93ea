import '@/messages/areas/chat';
import '@/messages/areas/recordings';
import { MessageSquare, PanelRightClose, X } from 'lucide-react';
import { useEffect, useLayoutEffect, useMemo, useRef, useState } from 'react';
import { Button, IconButton } from '@/components/Button';
import { useMe } from '@/components/session';
import { useSnapshot } from '@/components/use-snapshot';
import { durationText } from '@/components/units';
import { Replay } from '@/lib/chat/replay';
import { chatOf } from '@/lib/recordings/api';
import type { ReplayedMessage } from '@/lib/recordings/types';
import type { Snapshot } from '@/lib/snapshot';
import { useT } from '@/messages/i18n';
import { AuthorName, Badges } from './AuthorName';
import { MessageText } from './MessageText';
import column from './ChatColumn.module.css';
import list from './MessageList.module.css';
import message from './Message.module.css';
import panel from './ChatPanel.module.css';
import styles from './ChatReplay.module.css';

/** Nearer to the end than this is at the end: a finger rarely stops on the last pixel. */
const SLACK_PX = 40;

/** What was said beside a recording, at the moments when it was said. */
export default function ChatReplay({
  recording,
  now,
}: {
  recording: string;
  /** In milliseconds of the whole recording. */
  now: Snapshot<{ at: number }>;
}) {
  const t = useT();
  const [open, setOpen] = useState(true);
  const [sheet, setSheet] = useState(false);
  const replay = useMemo(
    () => new Replay((from, signal) => chatOf(recording, from, signal)),
    [recording],
  );
  useEffect(() => {
    const follow = () => replay.follow(now.get().at);
    follow();
    const off = now.subscribe(follow);
    return () => {
      off();
      replay.stop();
    };
  }, [replay, now]);
  const { rows, loaded, failed } = useSnapshot(replay.state);
  return (
    <aside
      className={column.place}
      data-open={open}
      data-sheet={sheet}
      aria-label={t('recording.chat')}
    >
      {!open && (
        <button type="button" className={column.show} onClick={() => setOpen(true)}>
          <MessageSquare size={18} aria-hidden="true" />
          <span>{t('recording.chat.show')}</span>
        </button>
      )}
      <button
        type="button"
        className={column.peek}
        aria-expanded={sheet}
        onClick={() => setSheet(true)}
      >
        <MessageSquare size={18} aria-hidden="true" />
        <strong>{t('recording.chat')}</strong>
      </button>
      <div className={column.panel}>
        <section className={panel.panel}>
          <header className={styles.head}>
            <h2 className={styles.title}>{t('recording.chat')}</h2>
            <IconButton
              label={t('recording.chat.hide')}
              className={column.wide}
              onClick={() => setOpen(false)}
            >
              <PanelRightClose size={16} />
            </IconButton>
            <IconButton
              label={t('action.close')}
              className={column.narrow}
              onClick={() => setSheet(false)}
            >
              <X size={18} />
            </IconButton>
          </header>
          <Rows rows={rows} />
          {failed ? (
            <p className={styles.note}>
              {t('recording.chat.failed')}
              <Button look="quiet" onClick={() => replay.retry()}>
                {t('action.retry')}
              </Button>
            </p>
          ) : (
            loaded && rows.length === 0 && <p className={styles.note}>{t('recording.chat.none')}</p>
          )}
        </section>
      </div>
    </aside>
  );
}

function Rows({ rows }: { rows: readonly ReplayedMessage[] }) {
  const t = useT();
  const me = useMe();
  const box = useRef<HTMLDivElement>(null);
  /** Whether the reader looks back. */
  const still = useRef(false);
  const last = rows.at(-1)?.message.id;
  useLayoutEffect(() => {
    const element = box.current;
    if (element !== null && !still.current) element.scrollTop = element.scrollHeight;
  }, [last]);
  return (
    <div className={list.frame}>
      <div
        ref={box}
        className={list.list}
        role="log"
        aria-label={t('recording.chat')}
        aria-live="off"
        tabIndex={0}
        onScroll={({ currentTarget: { scrollHeight, scrollTop, clientHeight } }) => {
          still.current = scrollHeight - scrollTop - clientHeight > SLACK_PX;
        }}
      >
        {rows.map((row) => (
          <div key={row.message.id} className={`${message.row} ${styles.row}`}>
            <span className={styles.at}>{durationText(row.at_ms)}</span>
            <p className={message.line}>
              <Badges of={row.message.author.badges} />
              <AuthorName author={row.message.author} />
              {row.message.kind === 'action' ? ' ' : <span>: </span>}
              <MessageText message={row.message} handle={me?.handle.toLowerCase() ?? null} />
            </p>
          </div>
        ))}
      </div>
    </div>
  );
}
