import { KeyRound, Unlink } from 'lucide-react';
import { useState } from 'react';
import { ButtonLink } from '@/components/Button';
import { Form, FormActions } from '@/components/Form';
import { PasswordField } from '@/components/PasswordField';
import { useForm } from '@/components/use-form';
import { useLoad } from '@/components/use-load';
import { paths } from '@/config/routes';
import { accountRules, resetPassword } from '@/lib/api/auth';
import type { PasswordPolicy } from '@/lib/api/types';
import { meetsPolicy } from '@/lib/auth/password';
import { useT } from '@/messages/i18n';
import { AuthFrame } from './AuthFrame';
import { useOneTimeToken } from './one-time-token';

/** A new password by the link of a mail, by that of an invitation, or because the old one expired. */
export default function ResetPasswordPage() {
  const t = useT();
  const [expired] = useState(() => new URLSearchParams(location.hash.slice(1)).has('expired'));
  const token = useOneTimeToken();
  const [state, setState] = useState<'ask' | 'done'>('ask');
  const { value: rules } = useLoad(accountRules);
  if (token === '') {
    return (
      <AuthFrame
        icon={<Unlink size={22} />}
        title={t('auth.reset.noToken')}
        text={t('auth.reset.noToken.text')}
      >
        <ButtonLink look="primary" href={paths.forgotPassword()}>
          {t('auth.reset.again')}
        </ButtonLink>
      </AuthFrame>
    );
  }
  if (state === 'done') {
    return (
      <AuthFrame
        icon={<KeyRound size={22} />}
        title={t('auth.reset.done')}
        text={t('auth.reset.done.text')}
      >
        <ButtonLink look="primary" href={paths.signIn()}>
          {t('auth.signIn.title')}
        </ButtonLink>
      </AuthFrame>
    );
  }
  return (
    <AuthFrame
      title={t('auth.reset.title')}
      text={t(expired ? 'auth.reset.expired' : 'auth.reset.text')}
    >
      <ResetForm token={token} policy={rules?.password_policy} onDone={() => setState('done')} />
    </AuthFrame>
  );
}

function ResetForm({
  token,
  policy,
  onDone,
}: {
  token: string;
  policy: PasswordPolicy | undefined;
  onDone(): void;
}) {
  const t = useT();
  const form = useForm({
    initial: { password: '' },
    check: ({ password }) => {
      const weak = policy !== undefined && !meetsPolicy(password, policy);
      return weak || password === '' ? { password: t('auth.password.weak') } : {};
    },
    submit: async ({ password }) => {
      await resetPassword(token, password);
      onDone();
    },
  });
  const spent = form.problem?.code === 'token_expired' || form.problem?.code === 'token_used';
  return (
    <Form form={form} label={t('auth.reset.title')}>
      <PasswordField
        {...form.field('password')}
        label={t('auth.reset.password')}
        autoComplete="new-password"
        policy={policy}
        autoFocus
      />
      <FormActions form={form} label={t('auth.reset.action')} wide />
      {spent && <ButtonLink href={paths.forgotPassword()}>{t('auth.reset.again')}</ButtonLink>}
    </Form>
  );
}
