import { useState } from 'react';
import { Checkbox } from '@/components/Choices';
import { TextField } from '@/components/Fields';
import { Form, FormActions } from '@/components/Form';
import { PasswordField } from '@/components/PasswordField';
import { TextButton } from '@/components/TextLink';
import { useForm } from '@/components/use-form';
import { useNameAndHandle } from '@/components/use-name-and-handle';
import { Note } from '@/components/ProblemNote';
import { signUp } from '@/lib/api/auth';
import type { AccountRules } from '@/lib/api/types';
import { validHandle } from '@/lib/auth/handle';
import { meetsPolicy } from '@/lib/auth/password';
import { useT } from '@/messages/i18n';
import { TermsDialog } from './TermsDialog';

export function SignUpForm({
  rules,
  invite,
  onWaiting,
}: {
  rules: AccountRules;
  invite: string;
  /** A mail has to be answered, or somebody has to look, before signing in. */
  onWaiting(reason: 'sent' | 'approval', email: string): void;
}) {
  const t = useT();
  const [reading, setReading] = useState(false);
  const { password_policy: policy, terms } = rules;
  const byInvitation = rules.signup_mode === 'invite' || invite !== '';
  const form = useForm({
    initial: { display_name: '', handle: '', email: '', password: '', invite, terms: false },
    check: (values) => ({
      ...(values.display_name.trim() === '' && { display_name: t('auth.name.missing') }),
      ...(!validHandle(values.handle) && { handle: t('auth.handle.invalid') }),
      ...(!/^\S+@\S+$/.test(values.email.trim()) && { email: t('auth.email.invalid') }),
      ...(!meetsPolicy(values.password, policy) && { password: t('auth.password.weak') }),
      ...(byInvitation && values.invite === '' && { invite: t('auth.invite.missing') }),
      ...(terms !== null && !values.terms && { terms: t('auth.terms.missing') }),
    }),
    submit: async (values) => {
      const email = values.email.trim();
      const outcome = await signUp({
        email,
        password: values.password,
        handle: values.handle,
        display_name: values.display_name.trim(),
        ...(terms !== null && { terms_document_id: terms.id }),
        ...(values.invite !== '' && { invite: values.invite }),
      });
      if (outcome !== 'signed-in') onWaiting(outcome, email);
    },
  });
  const person = useNameAndHandle(form);

  return (
    <Form form={form} label={t('auth.signUp.title')}>
      {rules.signup_mode === 'approval' && <Note tone="quiet">{t('auth.approval')}</Note>}
      <TextField {...person.name} label={t('auth.name')} autoComplete="name" autoFocus />
      <TextField
        {...person.handle}
        label={t('auth.handle')}
        hint={t('auth.handle.hint', {
          handle: form.values.handle === '' ? '…' : form.values.handle,
        })}
        autoComplete="nickname"
      />
      <TextField
        {...form.field('email')}
        label={t('auth.email')}
        type="email"
        inputMode="email"
        autoComplete="email"
      />
      <PasswordField
        {...form.field('password')}
        label={t('auth.password')}
        autoComplete="new-password"
        policy={policy}
      />
      {byInvitation && (
        <TextField
          {...form.field('invite')}
          label={t('auth.invite')}
          hint={t('auth.invite.hint')}
          mono
        />
      )}
      {terms !== null && (
        <Checkbox
          name="terms"
          label={t('auth.terms', { title: terms.title })}
          error={form.errors.terms}
          checked={form.values.terms}
          onChange={(checked) => form.set('terms', checked)}
        >
          <TextButton onClick={() => setReading(true)}>{t('auth.terms.read')}</TextButton>
        </Checkbox>
      )}
      <FormActions
        form={form}
        label={t(rules.signup_mode === 'approval' ? 'auth.join.request' : 'auth.signUp.action')}
        wide
      />
      <TermsDialog open={reading} onClose={() => setReading(false)} />
    </Form>
  );
}
