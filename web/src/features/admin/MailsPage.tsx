import { useCallback } from 'react';
import { CopyButton } from '@/components/Copy';
import { DataTable, type Column } from '@/components/DataTable';
import { PageHead } from '@/components/Panel';
import { Pill } from '@/components/Pill';
import { Time } from '@/components/Time';
import { useCursorList } from '@/components/use-cursor-list';
import { usePage } from '@/components/use-page';
import { mails } from '@/lib/api/admin';
import type { Mail } from '@/lib/api/types';
import { useT } from '@/messages/i18n';
import styles from './people.module.css';

/** Mails that wait or were sent. Where the server sends none, their links are handed on from here. */
export default function MailsPage() {
  const t = useT();
  usePage(t('admin.mails'));
  const load = useCallback(
    (cursor: string | null, signal: AbortSignal) => mails({ cursor }, signal),
    [],
  );
  const list = useCursorList(load);
  const columns: Column<Mail>[] = [
    {
      name: 'subject',
      title: t('admin.mails.subject'),
      cell: (mail) => (
        <span className={styles.who}>
          <strong>{mail.subject}</strong>
          <span>{mail.recipient}</span>
        </span>
      ),
    },
    { name: 'state', title: t('admin.users.state'), cell: (mail) => <MailState mail={mail} /> },
    {
      name: 'link',
      title: t('admin.mails.link'),
      cell: ({ link, subject }) =>
        link === null ? (
          '–'
        ) : (
          <CopyButton
            text={link}
            label={`${t('action.copy')}: ${t('admin.mails.link')} ${subject}`}
          />
        ),
    },
    {
      name: 'attempts',
      title: t('admin.mails.attempts'),
      align: 'end',
      cell: ({ attempts }) => attempts,
    },
    { name: 'at', title: t('admin.mails.at'), cell: ({ created_at: at }) => <Time at={at} /> },
  ];
  return (
    <>
      <PageHead title={t('admin.mails')} text={t('admin.mails.text')} />
      <DataTable
        label={t('admin.mails')}
        columns={columns}
        items={list.items}
        problem={list.problem}
        loading={list.loading}
        more={list.more}
        empty={<p>{t('admin.mails.empty')}</p>}
        onMore={list.loadMore}
        onRetry={list.reload}
      />
    </>
  );
}

function MailState({ mail }: { mail: Mail }) {
  const t = useT();
  if (mail.sent_at !== null) return <Pill tone="good">{t('admin.mails.sent')}</Pill>;
  if (mail.last_error !== null) {
    return (
      <span title={mail.last_error}>
        <Pill tone="warn">{t('admin.mails.failed')}</Pill>
      </span>
    );
  }
  return <Pill tone="quiet">{t('admin.mails.waiting')}</Pill>;
}
