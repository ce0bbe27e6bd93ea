import { ArrowLeft } from 'lucide-react';
import { useCallback } from 'react';
import { Link } from 'wouter';
import { Avatar } from '@/components/Avatar';
import { Button } from '@/components/Button';
import { ConflictDialog } from '@/components/ConflictDialog';
import { SelectField, TextField } from '@/components/Fields';
import { Form, FormActions } from '@/components/Form';
import { Panel } from '@/components/Panel';
import { Note, ProblemText } from '@/components/ProblemNote';
import { Skeleton } from '@/components/Skeleton';
import { usePermission } from '@/components/session';
import { Time } from '@/components/Time';
import { useForm } from '@/components/use-form';
import { usePage } from '@/components/use-page';
import { useRecord } from '@/components/use-record';
import { paths } from '@/config/routes';
import { account, updateAccount } from '@/lib/api/admin';
import type { AdminAccount, Role, Tier, UpdateAccount } from '@/lib/api/types';
import { useT } from '@/messages/i18n';
import { ROLES, StatePill, TIERS } from './people';
import { UserDanger } from './UserDanger';
import { UserSessions } from './UserSessions';
import styles from './people.module.css';

/** One person: what they are, where they are signed in, and what can be done about it. */
export default function UserPage({ id }: { id: string }) {
  const t = useT();
  const mayWrite = usePermission('write_accounts');
  const read = useCallback((signal?: AbortSignal) => account(id, signal), [id]);
  const write = useCallback(
    (change: UpdateAccount, ifMatch: string | null) => updateAccount(id, change, ifMatch),
    [id],
  );
  const { value: person, problem, save, conflict, reload } = useRecord(read, write);
  usePage(person?.display_name ?? t('admin.users'));
  return (
    <>
      <Link href={paths.admin('users')} className={styles.back}>
        <ArrowLeft size={16} aria-hidden="true" />
        {t('admin.users')}
      </Link>
      {problem !== null && (
        <Note
          action={
            <Button look="quiet" onClick={reload}>
              {t('action.retry')}
            </Button>
          }
        >
          <ProblemText problem={problem} />
        </Note>
      )}
      {person === null ? (
        problem === null && <Skeleton height="240px" />
      ) : (
        <>
          <header className={styles.identity}>
            <Avatar name={person.display_name} url={person.avatar_url} size={64} />
            <div>
              <h1>{person.display_name}</h1>
              <p className={styles.row}>
                @{person.handle} <StatePill person={person} />
              </p>
            </div>
          </header>
          <Facts person={person} />
          {mayWrite && <RolePanel person={person} save={save} />}
          {mayWrite && <UserSessions id={id} />}
          {mayWrite && <UserDanger person={person} save={save} />}
        </>
      )}
      <ConflictDialog
        conflict={conflict}
        labels={{
          role: t('admin.users.role'),
          tier: t('admin.user.tier'),
          department: t('admin.user.department'),
          disabled_reason: t('admin.user.reason'),
        }}
      />
    </>
  );
}

function Facts({ person }: { person: AdminAccount }) {
  const t = useT();
  return (
    <dl className={styles.facts}>
      <div>
        <dt>{t('admin.users.email')}</dt>
        <dd>
          {person.email ?? '–'} {!person.email_verified && `(${t('admin.user.unverified')})`}
        </dd>
      </div>
      <div>
        <dt>{t('admin.users.since')}</dt>
        <dd>
          <Time at={person.created_at} look="date" />
        </dd>
      </div>
      <div>
        <dt>{t('admin.users.seen')}</dt>
        <dd>
          {person.last_login_at === null ? t('admin.never') : <Time at={person.last_login_at} />}
        </dd>
      </div>
      <div>
        <dt>{t('admin.user.mfa')}</dt>
        <dd>{t(person.mfa ? 'admin.on' : 'admin.off')}</dd>
      </div>
      {person.disabled_reason !== null && (
        <div>
          <dt>{t('admin.user.reason')}</dt>
          <dd>{person.disabled_reason}</dd>
        </div>
      )}
    </dl>
  );
}

function RolePanel({
  person,
  save,
}: {
  person: AdminAccount;
  save(change: UpdateAccount): Promise<AdminAccount>;
}) {
  const t = useT();
  const form = useForm<{ role: Role; tier: Tier; department: string }>({
    initial: { role: person.role, tier: person.tier, department: person.department ?? '' },
    submit: async ({ role, tier, department }) => {
      const saved = await save({
        ...(role !== person.role && { role }),
        ...(tier !== person.tier && { tier }),
        ...(department !== (person.department ?? '') && {
          department: department === '' ? null : department,
        }),
      });
      form.reset({ role: saved.role, tier: saved.tier, department: saved.department ?? '' });
    },
  });
  return (
    <Panel title={t('admin.user.rights')} text={t('admin.user.rights.text')}>
      <Form form={form} label={t('admin.user.rights')}>
        <div className={styles.pair}>
          <SelectField
            label={t('admin.users.role')}
            hint={t(`admin.role.${form.values.role}.text`)}
            value={form.values.role}
            options={ROLES.map((value) => ({ value, label: t(`admin.role.${value}`) }))}
            onChoose={(role) => form.set('role', role as Role)}
          />
          <SelectField
            label={t('admin.user.tier')}
            value={form.values.tier}
            options={TIERS.map((value) => ({ value, label: t(`admin.tier.${value}`) }))}
            onChoose={(tier) => form.set('tier', tier as Tier)}
          />
          <TextField
            {...form.field('department')}
            label={t('admin.user.department')}
            maxLength={80}
          />
        </div>
        <FormActions form={form} label={t('action.save')} idle />
      </Form>
    </Panel>
  );
}
