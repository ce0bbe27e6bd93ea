import { ArrowDown } from 'lucide-react';
import { useEffect, useLayoutEffect, useRef, useState, type KeyboardEvent } from 'react';
import { useMe } from '@/components/session';
import { useSnapshot } from '@/components/use-snapshot';
import { preferences } from '@/lib/chat/preferences';
import type { ChatState } from '@/lib/chat/state';
import type { Row } from '@/lib/chat/types';
import { useT } from '@/messages/i18n';
import { MessageRow } from './MessageRow';
import { NoticeRow, OwnRow } from './OtherRows';
import { RowActions } from './RowActions';
import { useSeat } from './seat';
import { useLongPress } from './use-long-press';
import styles from './MessageList.module.css';

/** Nearer to the end than this is at the end: a finger rarely stops on the last pixel. */
const SLACK_PX = 40;

/** The messages: follows the newest, or stands still while the reader looks back. */
export function MessageList({ state, rows }: { state: ChatState; rows: readonly Row[] }) {
  const t = useT();
  const me = useMe();
  const seat = useSeat();
  const { chat } = seat;
  const look = useSnapshot(preferences);
  const box = useRef<HTMLDivElement>(null);
  const [active, setActive] = useState<string | null>(null);
  const { still, waiting } = state;
  const last = rows.at(-1)?.key;
  const first = rows[0]?.key;

  useLayoutEffect(() => {
    const element = box.current;
    if (element !== null && !still) element.scrollTop = element.scrollHeight;
  }, [last, still, look, state.pinned]);

  // What is put above must not push what is being read.
  const before = useRef({ first, height: 0 });
  useLayoutEffect(() => {
    const element = box.current;
    if (element === null) return;
    const { first: old, height } = before.current;
    if (still && old !== first && element.scrollTop < SLACK_PX)
      element.scrollTop += element.scrollHeight - height;
    before.current = { first, height: element.scrollHeight };
  });

  useEffect(() => {
    const element = box.current;
    if (element === null) return;
    const observer = new ResizeObserver(() => {
      if (!chat.state.get().still) element.scrollTop = element.scrollHeight;
    });
    observer.observe(element);
    return () => observer.disconnect();
  }, [chat]);

  const onScroll = () => {
    const element = box.current;
    if (element === null) return;
    const left = element.scrollHeight - element.scrollTop - element.clientHeight;
    if (left > SLACK_PX) chat.hold(true);
    else if (waiting === 0) chat.hold(false);
    if (element.scrollTop < SLACK_PX && left > SLACK_PX) void chat.older();
  };
  /** A picture may be higher than the line that it came in. */
  const follow = () => {
    const element = box.current;
    if (element !== null && !chat.state.get().still) element.scrollTop = element.scrollHeight;
  };
  const toNewest = () => {
    chat.hold(false);
    box.current?.focus({ preventScroll: true });
  };
  const onKeyDown = (event: KeyboardEvent<HTMLDivElement>) => moveOrAct(event, rows, seat);
  const press = useLongPress((key) => {
    const row = messageOf(rows, key);
    if (row !== undefined) seat.openMenu(row.message);
  });
  const point = (target: EventTarget | null) => {
    if (!(target instanceof Element) || target.closest('[data-actions]') !== null) return;
    setActive(target.closest<HTMLElement>('[data-key]')?.dataset.key ?? null);
  };
  const pointed = active === null ? undefined : messageOf(rows, active);

  return (
    <div className={styles.frame} onPointerLeave={() => setActive(null)}>
      <div
        ref={box}
        className={styles.list}
        role="log"
        aria-label={t('chat.messages')}
        aria-live={look.aloud ? 'polite' : 'off'}
        aria-busy={state.status !== 'open'}
        tabIndex={0}
        data-motion={look.motion}
        onScroll={onScroll}
        onLoadCapture={follow}
        onKeyDown={onKeyDown}
        onFocus={({ target }) => point(target)}
        onPointerMove={({ pointerType, target }) => {
          if (pointerType === 'mouse') point(target);
        }}
        {...press}
      >
        {state.more && still && (
          <button type="button" className={styles.older} onClick={() => void chat.older()}>
            {t(state.loadingOlder ? 'app.loading' : 'chat.older')}
          </button>
        )}
        {rows.length === 0 && state.status === 'open' && (
          <div className={styles.empty}>
            <p>{t('chat.empty.title')}</p>
            <p>{t('chat.empty.text')}</p>
          </div>
        )}
        {rows.map((row) =>
          row.kind === 'message' ? (
            <MessageRow
              key={row.key}
              row={row}
              me={me?.id ?? null}
              handle={me?.handle.toLowerCase() ?? null}
            />
          ) : row.kind === 'own' ? (
            <OwnRow key={row.key} row={row} name={state.you?.name ?? ''} />
          ) : (
            <NoticeRow key={row.key} row={row} />
          ),
        )}
        {pointed !== undefined && !pointed.gone && (
          <RowActions
            key={pointed.key}
            message={pointed.message}
            list={box}
            rows={rows}
            moderates={state.you?.may.moderate ?? false}
            writes={state.you?.may.write ?? false}
          />
        )}
      </div>
      {still && (
        <button type="button" className={styles.newest} onClick={toNewest}>
          <ArrowDown size={16} aria-hidden="true" />
          {t('chat.new', { count: waiting })}
        </button>
      )}
    </div>
  );
}

function messageOf(rows: readonly Row[], key: string) {
  const row = rows.find((candidate) => candidate.key === key);
  return row?.kind === 'message' ? row : undefined;
}

/** Up and down go from message to message; Enter opens what can be done, R replies. */
function moveOrAct(
  event: KeyboardEvent<HTMLDivElement>,
  rows: readonly Row[],
  seat: ReturnType<typeof useSeat>,
): void {
  const list = event.currentTarget;
  if (!(event.target instanceof HTMLElement) || event.ctrlKey || event.metaKey) return;
  const here = event.target.closest<HTMLElement>('[role="article"]');
  if (here === null && event.target !== list) return;
  const all = [...list.querySelectorAll<HTMLElement>('[role="article"]')];
  const at = here === null ? all.length : all.indexOf(here);
  const to: Record<string, number> = {
    ArrowUp: Math.max(0, at - 1),
    ArrowDown: Math.min(all.length - 1, at + 1),
    Home: 0,
    End: all.length - 1,
  };
  const next = to[event.key];
  const row = here === event.target ? messageOf(rows, here.dataset.key ?? '') : undefined;
  if (next !== undefined) {
    all[next]?.focus();
    if (event.key === 'End') seat.chat.hold(false);
  } else if (event.key === 'Enter' && row !== undefined) seat.openMenu(row.message);
  else if (event.key.toLowerCase() === 'r' && row !== undefined) seat.reply(row.message);
  else return;
  // The player has keys of its own for these.
  event.preventDefault();
  event.stopPropagation();
}
