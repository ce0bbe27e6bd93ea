import { Flag, UserX } from 'lucide-react';
import { useCallback, useState } from 'react';
import { Avatar } from '@/components/Avatar';
import { Button } from '@/components/Button';
import { Dialog } from '@/components/Dialog';
import { TextField } from '@/components/Fields';
import { Note } from '@/components/ProblemNote';
import { useMe } from '@/components/session';
import { Skeleton } from '@/components/Skeleton';
import { TextLink } from '@/components/TextLink';
import { Time } from '@/components/Time';
import { useLoad } from '@/components/use-load';
import { useSnapshot } from '@/components/use-snapshot';
import { paths } from '@/config/routes';
import type { ChatAuthor } from '@/lib/api/generated/ChatAuthor';
import type { Permissions } from '@/lib/api/generated/Permissions';
import { memberCard } from '@/lib/chat/api';
import { blocks } from '@/lib/chat/blocks';
import type { Ban, MemberCard as Card } from '@/lib/chat/records';
import { useI18n, useT } from '@/messages/i18n';
import { ActionLine } from './ActionLine';
import { Badges } from './AuthorName';
import { clockText } from './MessageRow';
import { useSeat } from './seat';
import { Timeouts } from './Timeouts';
import { useModeration } from './use-moderation';
import styles from './Cards.module.css';

/** Who somebody in the chat is, what they said, and what can be done about it. */
export function MemberCard({
  author,
  may,
  onReport,
  onClose,
}: {
  author: ChatAuthor;
  may: Permissions;
  onReport(): void;
  onClose(): void;
}) {
  const t = useT();
  const me = useMe();
  const { stream } = useSeat();
  const { block } = useModeration();
  const { of: blocked } = useSnapshot(blocks);
  const { id, handle, name } = author;
  const load = useCallback(
    (signal: AbortSignal) => (id === null ? Promise.resolve(null) : memberCard(stream, id, signal)),
    [id, stream],
  );
  const { value: card, loading } = useLoad(load);
  const isBlocked = id !== null && blocked.has(id);
  return (
    <Dialog open title={t('card.title', { name })} onClose={onClose}>
      <div className={styles.who}>
        <Avatar name={name} url={author.avatar_url ?? null} size={56} />
        <div className={styles.names}>
          <p className={styles.name}>
            <Badges of={author.badges} />
            <bdi>{name}</bdi>
          </p>
          {handle === null ? (
            <p className={styles.quiet}>{t('card.guest')}</p>
          ) : (
            <p className={styles.quiet}>
              @{handle} · <TextLink href={paths.channel(handle)}>{t('card.channel')}</TextLink>
            </p>
          )}
        </div>
      </div>
      {id !== null && loading && card === null && <Skeleton height="120px" />}
      {card !== null && <Facts card={card} />}
      {id !== null && id !== me?.id && (
        <div className={styles.row}>
          {me !== null && (
            <Button icon={<UserX size={16} />} onClick={() => void block(author, !isBlocked)}>
              {t(isBlocked ? 'chat.act.unblock' : 'chat.act.block')}
            </Button>
          )}
          <Button icon={<Flag size={16} />} onClick={onReport}>
            {t('chat.act.report')}
          </Button>
        </div>
      )}
      {may.moderate && id !== null && id !== me?.id && (
        <Moderate author={author} ban={card?.ban ?? null} onDone={onClose} />
      )}
    </Dialog>
  );
}

function Facts({ card }: { card: Card }) {
  const { t, locale } = useI18n();
  const { recent, actions } = card;
  return (
    <>
      <dl className={styles.facts}>
        <div>
          <dt>{t('card.since')}</dt>
          <dd>
            <Time at={card.member_since} look="date" />
          </dd>
        </div>
        <div>
          <dt>{t('card.follows')}</dt>
          <dd>
            {card.follows_since === null ? (
              t('card.follows.not')
            ) : (
              <Time at={card.follows_since} look="date" />
            )}
          </dd>
        </div>
        {card.messages !== null && (
          <div>
            <dt>{t('card.messages')}</dt>
            <dd>{new Intl.NumberFormat(locale).format(card.messages)}</dd>
          </div>
        )}
      </dl>
      {recent.length > 0 && (
        <section className={styles.part} aria-label={t('card.last')}>
          <h3>{t('card.last')}</h3>
          <ul className={styles.said} tabIndex={0}>
            {recent.map((message) => (
              <li key={message.id} dir="auto">
                <time dateTime={new Date(message.at).toISOString()}>
                  {clockText(message.at, locale)}
                </time>
                {message.text}
              </li>
            ))}
          </ul>
        </section>
      )}
      {card.messages !== null && (
        <section className={styles.part} aria-label={t('card.history')}>
          <h3>{t('card.history')}</h3>
          {actions.length === 0 ? (
            <p className={styles.quiet}>{t('card.history.none')}</p>
          ) : (
            <ul className={styles.acted} tabIndex={0}>
              {actions.map((action) => (
                <li key={action.id}>
                  <ActionLine action={action} brief />
                </li>
              ))}
            </ul>
          )}
        </section>
      )}
    </>
  );
}

function Moderate({
  author,
  ban,
  onDone,
}: {
  author: ChatAuthor;
  ban: Ban | null;
  onDone(): void;
}) {
  const { t, locale } = useI18n();
  const moderation = useModeration();
  const [text, setText] = useState('');
  const reason = text.trim() === '' ? null : text.trim();
  const run = (act: () => void) => {
    act();
    onDone();
  };
  return (
    <section className={styles.part} aria-label={t('card.moderate')}>
      <h3>{t('card.moderate')}</h3>
      {ban !== null && (
        <Note
          tone="warn"
          action={
            <Button look="quiet" onClick={() => run(() => moderation.unban(author))}>
              {t('chat.act.unban')}
            </Button>
          }
        >
          {ban.kind === 'ban'
            ? t('card.banned')
            : ban.kind === 'mute'
              ? t('card.muted')
              : t('card.silent', { time: clockText(ban.until ?? 0, locale) })}
        </Note>
      )}
      <TextField
        label={t('chat.act.reason')}
        value={text}
        maxLength={200}
        dir="auto"
        onChange={({ target }) => setText(target.value)}
      />
      <Timeouts onTimeout={(seconds) => run(() => moderation.timeout(author, seconds, reason))} />
      <div className={styles.row}>
        <Button onClick={() => run(() => moderation.mute(author, reason))}>
          {t('chat.act.mute')}
        </Button>
        <Button look="danger" onClick={() => run(() => moderation.ban(author, reason))}>
          {t('chat.act.ban')}
        </Button>
      </div>
    </section>
  );
}
