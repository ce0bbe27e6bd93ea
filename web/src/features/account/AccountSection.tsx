import { Download } from 'lucide-react';
import { useState } from 'react';
import { Button } from '@/components/Button';
import { ConfirmDialog } from '@/components/ConfirmDialog';
import { TextField } from '@/components/Fields';
import { Form, FormActions } from '@/components/Form';
import { Panel } from '@/components/Panel';
import { PasswordField } from '@/components/PasswordField';
import { Pill } from '@/components/Pill';
import { Note, ProblemText } from '@/components/ProblemNote';
import { useForm } from '@/components/use-form';
import { asProblem, useLoad } from '@/components/use-load';
import { accountRules } from '@/lib/api/auth';
import { changeEmail, changePassword, deleteAccount, exportMe } from '@/lib/api/me';
import type { ProblemError } from '@/lib/api/problem';
import type { Me } from '@/lib/api/types';
import { meetsPolicy } from '@/lib/auth/password';
import { useT } from '@/messages/i18n';
import { download } from '@/components/download';
import type { SectionProps } from './SettingsPage';

export function AccountSection({ me }: SectionProps) {
  return (
    <>
      <EmailPanel me={me} />
      <PasswordPanel me={me} />
      <ExportPanel me={me} />
      <DeletePanel me={me} />
    </>
  );
}

function EmailPanel({ me }: { me: Me }) {
  const t = useT();
  const form = useForm({
    initial: { email: '', password: '' },
    check: (values) => ({
      ...(!/^\S+@\S+$/.test(values.email.trim()) && { email: t('account.email.invalid') }),
      ...(values.password === '' && { password: t('account.password.enter') }),
    }),
    submit: ({ email, password }) => changeEmail(email.trim(), password),
  });
  return (
    <Panel
      title={t('account.email')}
      text={me.email}
      aside={
        <Pill tone={me.email_verified ? 'good' : 'warn'}>
          {t(me.email_verified ? 'account.email.verified' : 'account.email.unverified')}
        </Pill>
      }
    >
      {form.done ? (
        <Note tone="good">{t('account.email.sent', { email: form.values.email.trim() })}</Note>
      ) : (
        <Form form={form} label={t('account.email')}>
          <TextField
            {...form.field('email')}
            label={t('account.email.new')}
            hint={t('account.email.hint')}
            type="email"
            inputMode="email"
            autoComplete="email"
          />
          <PasswordField
            {...form.field('password')}
            label={t('account.password.current')}
            autoComplete="current-password"
          />
          <FormActions form={form} label={t('account.email.action')} />
        </Form>
      )}
    </Panel>
  );
}

function PasswordPanel({ me }: { me: Me }) {
  const t = useT();
  const { value: rules } = useLoad(accountRules);
  const policy = rules?.password_policy;
  const form = useForm({
    initial: { current: '', new: '' },
    aliases: { password: 'new' },
    check: (values) => ({
      ...(values.current === '' && { current: t('account.password.enter') }),
      ...((values.new === '' || (policy && !meetsPolicy(values.new, policy))) && {
        new: t('account.password.weak'),
      }),
    }),
    submit: async (values) => {
      await changePassword(values.current, values.new);
      form.reset({ current: '', new: '' });
    },
  });
  return (
    <Panel title={t('account.password')} text={t('account.password.text')}>
      <Form form={form} label={t('account.password')}>
        {form.done && <Note tone="good">{t('account.password.done')}</Note>}
        <input
          type="text"
          className="visually-hidden"
          autoComplete="username"
          value={me.email}
          readOnly
          tabIndex={-1}
          aria-hidden="true"
        />
        <PasswordField
          {...form.field('current')}
          label={t('account.password.current')}
          autoComplete="current-password"
        />
        <PasswordField
          {...form.field('new')}
          label={t('account.password.new')}
          autoComplete="new-password"
          policy={policy}
        />
        <FormActions form={form} label={t('account.password.action')} />
      </Form>
    </Panel>
  );
}

function ExportPanel({ me }: { me: Me }) {
  const t = useT();
  const [busy, setBusy] = useState(false);
  const [problem, setProblem] = useState<ProblemError | null>(null);
  const run = async () => {
    setBusy(true);
    setProblem(null);
    try {
      const text = JSON.stringify(await exportMe(), null, 2);
      download(`sluice-${me.handle}.json`, 'application/json', text);
    } catch (error) {
      setProblem(asProblem(error));
    } finally {
      setBusy(false);
    }
  };
  return (
    <Panel
      title={t('account.export')}
      text={t('account.export.text')}
      aside={
        <Button icon={<Download size={18} />} disabled={busy} onClick={() => void run()}>
          {t('account.export.action')}
        </Button>
      }
    >
      {problem !== null && (
        <Note>
          <ProblemText problem={problem} />
        </Note>
      )}
    </Panel>
  );
}

function DeletePanel({ me }: { me: Me }) {
  const t = useT();
  const [asking, setAsking] = useState(false);
  const [password, setPassword] = useState('');
  return (
    <Panel
      danger
      title={t('account.delete')}
      text={t('account.delete.text')}
      aside={
        <Button look="danger" onClick={() => setAsking(true)}>
          {t('account.delete.action')}
        </Button>
      }
    >
      {asking && (
        <ConfirmDialog
          title={t('account.delete')}
          action={t('account.delete.action')}
          typed={me.handle}
          ready={password !== ''}
          onConfirm={() => deleteAccount(password)}
          onClose={() => setAsking(false)}
        >
          <p>{t('account.delete.warning')}</p>
          <PasswordField
            label={t('account.password.current')}
            autoComplete="current-password"
            value={password}
            onChange={(event) => setPassword(event.target.value)}
          />
        </ConfirmDialog>
      )}
    </Panel>
  );
}
