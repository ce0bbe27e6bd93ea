import { useCallback, useEffect, useState } from 'react';
import { Avatar } from '@/components/Avatar';
import { Button } from '@/components/Button';
import { Panel } from '@/components/Panel';
import { Note, ProblemText } from '@/components/ProblemNote';
import { Rows } from '@/components/Rows';
import { useCursorList } from '@/components/use-cursor-list';
import { asProblem } from '@/components/use-load';
import { useSnapshot } from '@/components/use-snapshot';
import { dateTimeText } from '@/components/time';
import { actions, bans } from '@/lib/chat/api';
import type { Chat } from '@/lib/chat/chat';
import type { ProblemError } from '@/lib/api/problem';
import type { ChatAuthor } from '@/lib/api/generated/ChatAuthor';
import type { Ban } from '@/lib/chat/records';
import type { ChatState } from '@/lib/chat/state';
import { useI18n, useT } from '@/messages/i18n';
import { ActionLine } from './ActionLine';
import { AuthorName, Badges } from './AuthorName';
import styles from './Desk.module.css';

/** Acts come in bursts; the lists are read once behind them. */
const SETTLE_MS = 600;

/** Grows some time after something was done, so that lists are read again. */
function useActs(chat: Chat): number {
  const { acts } = useSnapshot(chat.desk.state);
  const [seen, setSeen] = useState(acts);
  useEffect(() => {
    const timer = setTimeout(() => setSeen(acts), SETTLE_MS);
    return () => clearTimeout(timer);
  }, [acts]);
  return seen;
}

/** What was done to keep order, newest first. */
export function ActionList({ chat, stream }: { chat: Chat; stream: string }) {
  const t = useT();
  const acts = useActs(chat);
  const { items, problem, more, loading, loadMore, reload } = useCursorList(
    useCallback(
      (cursor: string | null, signal: AbortSignal) => actions(stream, cursor, signal),
      [stream],
    ),
  );
  useEffect(reload, [acts, reload]);
  return (
    <Panel title={t('moderation.actions')}>
      {problem !== null && <Failed problem={problem} onRetry={reload} />}
      {items?.length === 0 && <p className={styles.quiet}>{t('moderation.actions.empty')}</p>}
      <ul className={styles.acts} tabIndex={0} aria-label={t('moderation.actions')}>
        {items?.map((action) => (
          <li key={action.id}>
            <ActionLine action={action} />
          </li>
        ))}
        {more && (
          <li>
            <Button look="quiet" disabled={loading} onClick={loadMore}>
              {t('action.more')}
            </Button>
          </li>
        )}
      </ul>
    </Panel>
  );
}

/** Who may not write, and a way to lift it. */
export function BanList({ chat, stream }: { chat: Chat; stream: string }) {
  const { t, locale } = useI18n();
  const acts = useActs(chat);
  const [failed, setFailed] = useState<ProblemError | null>(null);
  const list = useCursorList(
    useCallback(
      (cursor: string | null, signal: AbortSignal) => bans(stream, cursor, signal),
      [stream],
    ),
  );
  const { reload } = list;
  useEffect(reload, [acts, reload]);
  const lift = async ({ person }: Ban) => {
    try {
      await chat.act({ action: 'unban', account: person.id });
      list.change((items) => items.filter((ban) => ban.person.id !== person.id));
      setFailed(null);
    } catch (error) {
      setFailed(asProblem(error));
    }
  };
  const kindText = (ban: Ban) =>
    ban.kind === 'timeout'
      ? t('moderation.bans.timeout', { time: dateTimeText(ban.until ?? 0, locale) })
      : t(`moderation.bans.${ban.kind}`);
  return (
    <Panel title={t('moderation.bans')}>
      {failed !== null && <Failed problem={failed} />}
      <Rows
        items={list.items?.map((ban) => ({ ...ban, id: ban.person.id })) ?? null}
        problem={list.problem}
        empty={t('moderation.bans.empty')}
        onRetry={reload}
      >
        {(ban) => ({
          icon: <Avatar name={ban.person.display_name} url={ban.person.avatar_url} size={32} />,
          name: <bdi>{ban.person.display_name}</bdi>,
          detail: [kindText(ban), ...(ban.reason ? [ban.reason] : [])].join(' · '),
          action: (
            <Button
              look="quiet"
              aria-label={t('moderation.bans.liftOf', { name: ban.person.display_name })}
              onClick={() => void lift(ban)}
            >
              {t('moderation.bans.lift')}
            </Button>
          ),
        })}
      </Rows>
      {list.more && (
        <Button look="quiet" disabled={list.loading} onClick={list.loadMore}>
          {t('action.more')}
        </Button>
      )}
    </Panel>
  );
}

/** Who is here now. */
export function People({ chat, state }: { chat: Chat; state: ChatState }) {
  const t = useT();
  const { members } = useSnapshot(chat.desk.state);
  const open = state.status === 'open';
  useEffect(() => {
    if (open) chat.askMembers().catch(() => undefined);
  }, [chat, open]);
  return (
    <Panel
      title={t('moderation.people')}
      aside={
        <span className={styles.quiet}>
          {t('moderation.people.guests', { count: state.presence?.anonymous ?? 0 })}
        </span>
      }
    >
      {members?.length === 0 && <p className={styles.quiet}>{t('moderation.people.empty')}</p>}
      <ul className={styles.people} tabIndex={0} aria-label={t('moderation.people')}>
        {members?.map((member) => (
          <li key={member.id ?? member.name}>
            <Person author={member} />
          </li>
        ))}
      </ul>
    </Panel>
  );
}

function Person({ author }: { author: ChatAuthor }) {
  return (
    <span className={styles.person}>
      <Avatar name={author.name} url={author.avatar_url ?? null} size={24} />
      <Badges of={author.badges} />
      <AuthorName author={author} />
      {author.handle !== null && <span className={styles.quiet}>@{author.handle}</span>}
    </span>
  );
}

export function Failed({ problem, onRetry }: { problem: ProblemError; onRetry?: () => void }) {
  const t = useT();
  return (
    <Note
      action={
        onRetry !== undefined && (
          <Button look="quiet" onClick={onRetry}>
            {t('action.retry')}
          </Button>
        )
      }
    >
      <ProblemText problem={problem} />
    </Note>
  );
}
