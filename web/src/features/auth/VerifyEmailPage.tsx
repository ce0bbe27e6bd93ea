import { MailCheck, MailX } from 'lucide-react';
import { useEffect, useState } from 'react';
import { ButtonLink } from '@/components/Button';
import { TextField } from '@/components/Fields';
import { Form, FormActions } from '@/components/Form';
import { Note } from '@/components/ProblemNote';
import { Skeleton } from '@/components/Skeleton';
import { useMe } from '@/components/session';
import { useForm } from '@/components/use-form';
import { asProblem } from '@/components/use-load';
import { paths } from '@/config/routes';
import { resendVerification, verifyEmail } from '@/lib/api/auth';
import type { ProblemError } from '@/lib/api/problem';
import { useT } from '@/messages/i18n';
import { AuthFrame } from './AuthFrame';
import { useOneTimeToken } from './one-time-token';

/** Where the link of the mail leads. Tokens are for one use, so it is sent once, whatever renders twice. */
export default function VerifyEmailPage() {
  const t = useT();
  const me = useMe();
  const token = useOneTimeToken();
  const [outcome, setOutcome] = useState<'asking' | 'done' | ProblemError>('asking');
  useEffect(() => {
    verifyOnce(token)
      .then(() => setOutcome('done'))
      .catch((error: unknown) => setOutcome(asProblem(error)));
  }, [token]);

  if (outcome === 'asking') {
    return (
      <AuthFrame title={t('auth.verify.asking')}>
        <Skeleton height="40px" />
      </AuthFrame>
    );
  }
  if (outcome === 'done') {
    return (
      <AuthFrame
        icon={<MailCheck size={22} />}
        title={t('auth.verify.title')}
        text={t('auth.verify.text')}
      >
        <ButtonLink look="primary" href={me === null ? paths.signIn() : paths.home()}>
          {t(me === null ? 'auth.signIn.title' : 'notFound.action')}
        </ButtonLink>
      </AuthFrame>
    );
  }
  return (
    <AuthFrame
      icon={<MailX size={22} />}
      title={t('auth.verify.failed')}
      text={t(outcome.code === 'network' ? 'problem.network' : 'auth.verify.failed.text')}
    >
      <AskAgain />
    </AuthFrame>
  );
}

function AskAgain() {
  const t = useT();
  const form = useForm({
    initial: { email: '' },
    check: ({ email }) => ({ ...(email.trim() === '' && { email: t('auth.email.missing') }) }),
    submit: ({ email }) => resendVerification(email.trim()),
  });
  return (
    <Form form={form}>
      {form.done && <Note tone="good">{t('auth.mail.again')}</Note>}
      <TextField
        {...form.field('email')}
        label={t('auth.email')}
        type="email"
        autoComplete="email"
      />
      <FormActions form={form} label={t('auth.verify.again')} wide />
    </Form>
  );
}

const asked = new Map<string, Promise<void>>();

function verifyOnce(token: string): Promise<void> {
  const answer = asked.get(token) ?? verifyEmail(token);
  asked.set(token, answer);
  return answer;
}
