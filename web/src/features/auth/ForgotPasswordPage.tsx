import { MailCheck } from 'lucide-react';
import { useState } from 'react';
import { ButtonLink } from '@/components/Button';
import { TextField } from '@/components/Fields';
import { Form, FormActions } from '@/components/Form';
import { TextLink } from '@/components/TextLink';
import { useForm } from '@/components/use-form';
import { paths } from '@/config/routes';
import { forgotPassword } from '@/lib/api/auth';
import { useT } from '@/messages/i18n';
import { AuthFrame } from './AuthFrame';

/** Says the same whether or not there is an account: strangers learn nothing about who is here. */
export default function ForgotPasswordPage() {
  const t = useT();
  const [mailedTo, setMailedTo] = useState<string | null>(null);
  if (mailedTo !== null) {
    return (
      <AuthFrame
        icon={<MailCheck size={22} />}
        title={t('auth.mail.title')}
        text={t('auth.forgot.sent', { email: mailedTo })}
        below={<p>{t('auth.forgot.noMail')}</p>}
      >
        <ButtonLink href={paths.signIn()}>{t('auth.forgot.back')}</ButtonLink>
      </AuthFrame>
    );
  }
  return (
    <AuthFrame
      title={t('auth.forgot.title')}
      text={t('auth.forgot.text')}
      below={
        <p>
          {t('auth.forgot.remembered')}{' '}
          <TextLink href={paths.signIn()}>{t('auth.signIn.title')}</TextLink>
        </p>
      }
    >
      <ForgotForm onSent={setMailedTo} />
    </AuthFrame>
  );
}

function ForgotForm({ onSent }: { onSent(email: string): void }) {
  const t = useT();
  const form = useForm({
    initial: { email: '' },
    check: ({ email }) => ({ ...(email.trim() === '' && { email: t('auth.email.missing') }) }),
    submit: async ({ email }) => {
      await forgotPassword(email.trim());
      onSent(email.trim());
    },
  });
  return (
    <Form form={form} label={t('auth.forgot.title')}>
      <TextField
        {...form.field('email')}
        label={t('auth.email')}
        type="email"
        inputMode="email"
        autoComplete="username"
        autoFocus
      />
      <FormActions form={form} label={t('auth.forgot.action')} wide />
    </Form>
  );
}
