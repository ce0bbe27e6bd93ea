import { CornerUpLeft, Megaphone } from 'lucide-react';
import { memo } from 'react';
import { Avatar } from '@/components/Avatar';
import type { MessageRow as Row } from '@/lib/chat/types';
import { useI18n } from '@/messages/i18n';
import { AuthorName, Badges } from './AuthorName';
import { MessageText } from './MessageText';
import { useSeat } from './seat';
import styles from './Message.module.css';

const clocks = new Map<string, Intl.DateTimeFormat>();

/** "20:04". Made once a language: a row is drawn a hundred times a second in a busy chat. */
export function clockText(at: number, locale: string): string {
  let clock = clocks.get(locale);
  if (clock === undefined) {
    clock = new Intl.DateTimeFormat(locale, { hour: '2-digit', minute: '2-digit' });
    clocks.set(locale, clock);
  }
  return clock.format(at);
}

/** One message. Drawn again only when it changes. */
export const MessageRow = memo(function MessageRow({
  row,
  me,
  handle,
}: {
  row: Row;
  /** The reader's account and handle. */
  me: string | null;
  handle: string | null;
}) {
  const { t, locale } = useI18n();
  const seat = useSeat();
  const { message, gone } = row;
  const { author } = message;
  const mine = me !== null && author.id === me;
  const calls = me !== null && message.mentions?.includes(me) === true;
  return (
    <div
      className={styles.row}
      role="article"
      aria-label={t('chat.message.of', { name: author.name })}
      tabIndex={-1}
      data-key={row.key}
      data-kind={message.kind}
      data-gone={gone ?? undefined}
      data-mine={mine}
      data-calls={calls}
      data-own={row.own ?? undefined}
    >
      <span className={styles.avatar}>
        {message.kind === 'announcement' ? (
          <Megaphone size={16} aria-hidden="true" />
        ) : (
          <Avatar name={author.name} url={author.avatar_url ?? null} size={24} />
        )}
      </span>
      <div className={styles.body}>
        {message.kind === 'announcement' && <p className={styles.over}>{t('chat.announcement')}</p>}
        {message.reply_to != null && (
          <p
            className={styles.quote}
            title={t('chat.answers', { name: message.reply_to.name, text: message.reply_to.text })}
          >
            <CornerUpLeft size={12} aria-hidden="true" />
            <span dir="auto">
              <bdi>{message.reply_to.name}</bdi> {message.reply_to.text}
            </span>
          </p>
        )}
        <p className={styles.line}>
          <time className={styles.time} dateTime={new Date(message.at).toISOString()}>
            {clockText(message.at, locale)}
          </time>
          <Badges of={author.badges} />
          <AuthorName author={author} onOpen={seat.openCard} />
          {message.kind !== 'action' && <span className={styles.colon}>: </span>}
          {message.kind === 'action' && ' '}
          <MessageText message={message} handle={handle} />
          {gone !== null && <span className={styles.gone}>{t(`chat.gone.${gone}`)}</span>}
        </p>
      </div>
    </div>
  );
});
