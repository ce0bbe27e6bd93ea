import { Info } from 'lucide-react';
import { memo } from 'react';
import type { NoticeRow as Notice, OwnRow as Own, Refusal } from '@/lib/chat/types';
import { hasMessage } from '@/messages/catalogue';
import { useI18n, useT, type Translate } from '@/messages/i18n';
import { clockText } from './MessageRow';
import { useSeat } from './seat';
import styles from './Message.module.css';

/** Why the server did not do something, in the middle of a sentence. */
export function refusalText(refusal: Refusal, t: Translate): string {
  const key = `chat.fail.${refusal.code}`;
  return hasMessage(key) ? t(key) : t('chat.fail.other', { detail: refusal.detail });
}

/** What the reader wrote, while it is not in the chat. */
export const OwnRow = memo(function OwnRow({ row, name }: { row: Own; name: string }) {
  const t = useT();
  const { chat } = useSeat();
  const again = row.state === 'failed';
  return (
    <div className={styles.row} data-state={row.state} data-key={row.key}>
      <span className={styles.avatar} />
      <div className={styles.body}>
        <p className={styles.line}>
          <bdi className={styles.name}>{name}</bdi>
          <span className={styles.colon}>: </span>
          <span dir="auto">{row.text}</span>
        </p>
        {row.state === 'pending' ? (
          <span className="visually-hidden">{t('chat.own.pending')}</span>
        ) : (
          <p className={styles.state} role="status">
            {again && row.refusal !== null
              ? t('chat.own.failed', { reason: refusalText(row.refusal, t) })
              : t(`chat.own.${row.state}`)}
            {again && (
              <button
                type="button"
                className={styles.inline}
                onClick={() => chat.sayAgain(row.key)}
              >
                {t('chat.own.again')}
              </button>
            )}
            {row.state !== 'held' && (
              <button type="button" className={styles.inline} onClick={() => chat.discard(row.key)}>
                {t('chat.own.discard')}
              </button>
            )}
          </p>
        )}
      </div>
    </div>
  );
});

/** What the page itself has to say. */
export const NoticeRow = memo(function NoticeRow({ row }: { row: Notice }) {
  const { t, locale } = useI18n();
  return (
    <div className={styles.notice} data-key={row.key}>
      <Info size={14} aria-hidden="true" />
      <p>{noticeText(row, t, locale)}</p>
    </div>
  );
});

function noticeText({ notice }: Notice, t: Translate, locale: string): string {
  switch (notice.what) {
    case 'answer':
      return notice.text;
    case 'refused':
      return t('chat.did.failed', { reason: refusalText(notice.refusal, t) });
    case 'silenced':
      return t('chat.notice.silenced', { time: clockText(notice.until ?? 0, locale) });
    case 'mode': {
      const key = `chat.notice.${notice.mode}.${notice.on ? 'on' : 'off'}`;
      return hasMessage(key) ? t(key, { value: notice.value ?? 0 }) : '';
    }
    default:
      return t(`chat.notice.${notice.what}`);
  }
}
