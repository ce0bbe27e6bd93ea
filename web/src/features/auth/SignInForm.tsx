import '@/messages/areas/auth';
import { useState } from 'react';
import { navigate } from 'wouter/use-browser-location';
import { TextField } from '@/components/Fields';
import { Form, FormActions } from '@/components/Form';
import { PasswordField } from '@/components/PasswordField';
import { Note } from '@/components/ProblemNote';
import { TextButton, TextLink } from '@/components/TextLink';
import { useForm } from '@/components/use-form';
import { paths } from '@/config/routes';
import { secondFactor, signIn } from '@/lib/api/auth';
import { ProblemError } from '@/lib/api/problem';
import type { SecondFactorNeeded } from '@/lib/api/types';
import { useT } from '@/messages/i18n';
import styles from './SignInForm.module.css';

/** Email and password, and then a code where the account has a second factor. */
export function SignInForm({
  email = '',
  fixed = false,
  onDone,
  onStep,
}: {
  email?: string;
  /** The account is given; only who holds it may go on. */
  fixed?: boolean;
  onDone(): void;
  /** Which of the two steps is shown. */
  onStep?(step: 'password' | 'code'): void;
}) {
  const [needed, setNeeded] = useState<SecondFactorNeeded | null>(null);
  const [late, setLate] = useState(false);
  const step = (next: SecondFactorNeeded | null) => {
    setNeeded(next);
    setLate(false);
    onStep?.(next === null ? 'password' : 'code');
  };
  return needed === null ? (
    <PasswordStep
      email={email}
      fixed={fixed}
      late={late}
      onAnswer={(more) => (more === null ? onDone() : step(more))}
    />
  ) : (
    <CodeStep
      needed={needed}
      onDone={onDone}
      onBack={(tooLate) => {
        step(null);
        setLate(tooLate);
      }}
    />
  );
}

function PasswordStep({
  email,
  fixed,
  late,
  onAnswer,
}: {
  email: string;
  fixed: boolean;
  /** The second step took longer than the server waits. */
  late: boolean;
  onAnswer(needed: SecondFactorNeeded | null): void;
}) {
  const t = useT();
  const form = useForm({
    initial: { email, password: '' },
    check: (values) => ({
      ...(values.email.trim() === '' && { email: t('auth.email.missing') }),
      ...(values.password === '' && { password: t('auth.password.enter') }),
    }),
    submit: async (values) => {
      try {
        onAnswer(await signIn(values.email.trim(), values.password));
      } catch (error) {
        if (!leadsToNewPassword(error)) throw error;
      }
    },
  });
  return (
    <Form form={form} label={t('auth.signIn.title')}>
      {late && <Note tone="warn">{t('auth.mfa.late')}</Note>}
      <TextField
        {...form.field('email')}
        label={t('auth.email')}
        type="email"
        inputMode="email"
        autoComplete="username"
        readOnly={fixed}
        autoFocus={!fixed && email === ''}
      />
      <div className={styles.password}>
        <PasswordField
          {...form.field('password')}
          label={t('auth.password')}
          autoComplete="current-password"
          autoFocus={fixed || email !== ''}
        />
        <TextLink href={paths.forgotPassword()} className={styles.forgot ?? ''}>
          {t('auth.forgot.link')}
        </TextLink>
      </div>
      <FormActions form={form} label={t('auth.signIn.action')} wide />
    </Form>
  );
}

/** Goes to where a new password is chosen, if that is what the refusal asks for. */
function leadsToNewPassword(error: unknown): boolean {
  if (!(error instanceof ProblemError) || error.resetToken === null) return false;
  navigate(paths.expiredPassword(error.resetToken));
  return true;
}

/** Codes that say that the password has to be given again. */
const SPENT = new Set(['token_expired', 'token_invalid', 'token_used']);

function CodeStep({
  needed,
  onDone,
  onBack,
}: {
  needed: SecondFactorNeeded;
  onDone(): void;
  onBack(tooLate: boolean): void;
}) {
  const t = useT();
  const [backup, setBackup] = useState(!needed.methods.includes('totp'));
  const form = useForm({
    initial: { code: '' },
    check: ({ code }) => ({ ...(code.trim() === '' && { code: t('auth.mfa.missing') }) }),
    submit: async ({ code }) => {
      try {
        await secondFactor(needed.mfa_token, code.replaceAll(/\s/g, ''));
      } catch (error) {
        if (leadsToNewPassword(error)) return;
        if (error instanceof ProblemError && SPENT.has(error.code)) return onBack(true);
        throw error;
      }
      onDone();
    },
  });
  return (
    <Form form={form} label={t('auth.mfa.title')}>
      <TextField
        key={String(backup)}
        {...form.field('code')}
        label={backup ? t('auth.mfa.backup') : t('auth.mfa.code')}
        hint={backup ? t('auth.mfa.backup.hint') : t('auth.mfa.code.hint')}
        mono
        inputMode={backup ? 'text' : 'numeric'}
        autoComplete="one-time-code"
        maxLength={backup ? 40 : 7}
        autoFocus
      />
      <FormActions form={form} label={t('auth.mfa.action')} wide />
      <div className={styles.other}>
        {needed.methods.length > 1 && (
          <TextButton
            onClick={() => {
              setBackup(!backup);
              form.set('code', '');
            }}
          >
            {backup ? t('auth.mfa.useApp') : t('auth.mfa.useBackup')}
          </TextButton>
        )}
        <TextButton onClick={() => onBack(false)}>{t('auth.mfa.back')}</TextButton>
      </div>
    </Form>
  );
}
