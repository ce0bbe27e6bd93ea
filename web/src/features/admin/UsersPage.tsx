import { Download, UserPlus } from 'lucide-react';
import { useCallback, useState } from 'react';
import { Avatar } from '@/components/Avatar';
import { Button } from '@/components/Button';
import { DataTable, type Column } from '@/components/DataTable';
import { PageHead } from '@/components/Panel';
import { Note, ProblemText } from '@/components/ProblemNote';
import { usePermission } from '@/components/session';
import { Time } from '@/components/Time';
import { useCursorList } from '@/components/use-cursor-list';
import { asProblem } from '@/components/use-load';
import { download } from '@/components/download';
import { usePage } from '@/components/use-page';
import { paths } from '@/config/routes';
import { accounts, exportAccounts } from '@/lib/api/admin';
import type { ProblemError } from '@/lib/api/problem';
import type { AdminAccount } from '@/lib/api/types';
import { useT } from '@/messages/i18n';
import { InviteDialog } from './InviteDialog';
import { Choice, NoMatch, SearchBox, Toolbar } from './Toolbar';
import { ROLES, STATES, StatePill } from './people';
import { useFilters } from './use-filters';
import { useSettled } from './use-settled';
import styles from './people.module.css';

export default function UsersPage() {
  const t = useT();
  usePage(t('admin.users'));
  const mayWrite = usePermission('write_accounts');
  const mayReadEmails = usePermission('read_account_emails');
  const filters = useFilters({ q: '', role: '', state: '', sort: 'created' });
  const query = useSettled(filters.values);
  const load = useCallback(
    (cursor: string | null, signal: AbortSignal) => accounts({ ...query, cursor }, signal),
    [query],
  );
  const list = useCursorList(load);
  const [inviting, setInviting] = useState(false);
  const [failed, setFailed] = useState<ProblemError | null>(null);

  const save = async () => {
    setFailed(null);
    try {
      download('accounts.csv', 'text/csv', await exportAccounts());
    } catch (error) {
      setFailed(asProblem(error));
    }
  };

  const columns: Column<AdminAccount>[] = [
    {
      name: 'who',
      title: t('admin.users.who'),
      sort: { value: 'handle', falling: false },
      cell: (person) => (
        <>
          <Avatar name={person.display_name} url={person.avatar_url} size={32} />
          <span className={styles.who}>
            <strong>{person.display_name}</strong>
            <span>@{person.handle}</span>
          </span>
        </>
      ),
    },
    {
      name: 'email',
      title: t('admin.users.email'),
      ...(mayReadEmails && { sort: { value: 'email', falling: false } }),
      cell: (person) => person.email ?? '–',
    },
    { name: 'role', title: t('admin.users.role'), cell: ({ role }) => t(`admin.role.${role}`) },
    {
      name: 'state',
      title: t('admin.users.state'),
      cell: (person) => <StatePill person={person} />,
    },
    {
      name: 'seen',
      title: t('admin.users.seen'),
      sort: { value: 'last_login', falling: true },
      cell: ({ last_login_at: at }) => (at === null ? t('admin.never') : <Time at={at} />),
    },
    {
      name: 'since',
      title: t('admin.users.since'),
      sort: { value: 'created', falling: true },
      cell: ({ created_at: at }) => <Time at={at} look="date" />,
    },
  ];

  return (
    <>
      <PageHead
        title={t('admin.users')}
        actions={
          mayWrite && (
            <>
              <Button icon={<Download size={18} />} onClick={() => void save()}>
                {t('admin.users.export')}
              </Button>
              <Button
                look="primary"
                icon={<UserPlus size={18} />}
                onClick={() => setInviting(true)}
              >
                {t('admin.users.invite')}
              </Button>
            </>
          )
        }
      />
      {failed !== null && (
        <Note>
          <ProblemText problem={failed} />
        </Note>
      )}
      <Toolbar>
        <SearchBox
          label={t('admin.users.search')}
          value={filters.values.q}
          onChange={(value) => filters.set('q', value)}
        />
        <Choice
          label={t('admin.users.anyRole')}
          value={filters.values.role}
          options={ROLES.map((value) => ({ value, label: t(`admin.role.${value}`) }))}
          onChoose={(value) => filters.set('role', value)}
        />
        <Choice
          label={t('admin.users.anyState')}
          value={filters.values.state}
          options={STATES.map((value) => ({ value, label: t(`admin.state.${value}`) }))}
          onChoose={(value) => filters.set('state', value)}
        />
      </Toolbar>
      <DataTable
        label={t('admin.users')}
        columns={columns}
        items={list.items}
        problem={list.problem}
        loading={list.loading}
        more={list.more}
        sorted={filters.values.sort}
        hrefOf={({ id }) => paths.admin(`users/${id}`)}
        empty={<NoMatch onClear={filters.clear} />}
        onSort={(value) => filters.set('sort', value)}
        onMore={list.loadMore}
        onRetry={list.reload}
      />
      {inviting && <InviteDialog onClose={() => setInviting(false)} onInvited={list.reload} />}
    </>
  );
}
