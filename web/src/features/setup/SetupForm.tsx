import { useEffect, useRef } from 'react';
import { Button } from '@/components/Button';
import { RadioList } from '@/components/Choices';
import { TextField } from '@/components/Fields';
import { Form, FormActions } from '@/components/Form';
import { PasswordField } from '@/components/PasswordField';
import { useForm, type FormState } from '@/components/use-form';
import { useNameAndHandle } from '@/components/use-name-and-handle';
import { setUp } from '@/lib/api/auth';
import { ProblemError } from '@/lib/api/problem';
import type { PasswordPolicy, SignupMode } from '@/lib/api/types';
import { validHandle } from '@/lib/auth/handle';
import { meetsPolicy } from '@/lib/auth/password';
import { useT } from '@/messages/i18n';
import { parsed } from './self-test';
import { SelfTestList } from './SelfTestList';
import styles from './SetupPage.module.css';

export const STEPS = ['account', 'server', 'connection'] as const;
export type StepName = (typeof STEPS)[number];

interface Values {
  display_name: string;
  handle: string;
  email: string;
  password: string;
  name: string;
  public_url: string;
  signup_mode: SignupMode;
}

const ACCOUNT_FIELDS = ['display_name', 'handle', 'email', 'password'];
const MODES: readonly SignupMode[] = ['open', 'approval', 'invite', 'closed'];

export function SetupForm({
  policy,
  step,
  onStep,
  onDone,
}: {
  policy: PasswordPolicy;
  step: StepName;
  onStep(step: StepName): void;
  onDone(): void;
}) {
  const t = useT();
  const at = STEPS.indexOf(step);
  const heading = useRef<HTMLHeadingElement>(null);
  const moved = useRef(false);
  useEffect(() => {
    if (moved.current) heading.current?.focus();
    moved.current = true;
  }, [step]);

  const form = useForm<Values>({
    initial: {
      display_name: '',
      handle: '',
      email: '',
      password: '',
      name: '',
      public_url: location.origin,
      signup_mode: 'open',
    },
    check: (values) =>
      step === 'account'
        ? {
            ...(values.display_name.trim() === '' && { display_name: t('setup.name.missing') }),
            ...(!validHandle(values.handle) && { handle: t('setup.handle.invalid') }),
            ...(!/^\S+@\S+$/.test(values.email.trim()) && { email: t('setup.email.invalid') }),
            ...(!meetsPolicy(values.password, policy) && { password: t('setup.password.weak') }),
          }
        : {
            ...(values.name.trim() === '' && { name: t('setup.server.missing') }),
            ...(parsed(values.public_url) === null && { public_url: t('setup.url.invalid') }),
          },
    submit: async (values) => {
      const next = STEPS[at + 1];
      if (next !== undefined) return onStep(next);
      try {
        await setUp({ ...values, email: values.email.trim(), name: values.name.trim() });
      } catch (error) {
        // What the server refuses may be on a step before this one: it is shown where it is.
        const first = error instanceof ProblemError ? error.fields[0]?.field : undefined;
        if (first !== undefined) onStep(ACCOUNT_FIELDS.includes(first) ? 'account' : 'server');
        throw error;
      }
      onDone();
    },
  });

  return (
    <Form form={form} label={t(`setup.step.${step}`)}>
      <div>
        <h2 ref={heading} tabIndex={-1} className={styles.heading}>
          {t(`setup.step.${step}`)}
        </h2>
        <p className={styles.hint}>{t(`setup.step.${step}.text`)}</p>
      </div>
      {step === 'account' && <AccountStep form={form} policy={policy} />}
      {step === 'server' && <ServerStep form={form} />}
      {step === 'connection' && <SelfTestList publicUrl={form.values.public_url} />}
      <FormActions form={form} label={t(step === 'connection' ? 'setup.finish' : 'setup.next')}>
        {at > 0 && (
          <Button look="quiet" onClick={() => onStep(STEPS[at - 1] ?? 'account')}>
            {t('action.back')}
          </Button>
        )}
      </FormActions>
    </Form>
  );
}

function AccountStep({ form, policy }: { form: FormState<Values>; policy: PasswordPolicy }) {
  const t = useT();
  const person = useNameAndHandle(form);
  return (
    <>
      <div className={styles.pair}>
        <TextField {...person.name} label={t('setup.name')} autoComplete="name" autoFocus />
        <TextField
          {...person.handle}
          label={t('setup.handle')}
          hint={t('setup.handle.hint', { handle: form.values.handle || '…' })}
          autoComplete="nickname"
        />
      </div>
      <TextField
        {...form.field('email')}
        label={t('setup.email')}
        hint={t('setup.email.hint')}
        type="email"
        inputMode="email"
        autoComplete="username"
      />
      <PasswordField
        {...form.field('password')}
        label={t('setup.password')}
        autoComplete="new-password"
        policy={policy}
      />
    </>
  );
}

function ServerStep({ form }: { form: FormState<Values> }) {
  const t = useT();
  return (
    <>
      <TextField
        {...form.field('name')}
        label={t('setup.server')}
        hint={t('setup.server.hint')}
        placeholder={t('setup.server.example')}
        autoCapitalize="words"
        maxLength={80}
      />
      <TextField
        {...form.field('public_url')}
        label={t('setup.url')}
        hint={t('setup.url.hint')}
        mono
        type="url"
        inputMode="url"
        autoComplete="url"
        maxLength={300}
      />
      <RadioList
        label={t('setup.mode')}
        value={form.values.signup_mode}
        options={MODES.map((value) => ({
          value,
          label: t(`setup.mode.${value}`),
          hint: t(`setup.mode.${value}.text`),
        }))}
        onChoose={(mode) => form.set('signup_mode', mode)}
      />
    </>
  );
}
