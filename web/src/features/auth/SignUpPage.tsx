import { Hourglass, MailCheck, UserRoundX } from 'lucide-react';
import { useState } from 'react';
import { Redirect, useSearchParams } from 'wouter';
import { ButtonLink } from '@/components/Button';
import { Note, ProblemText } from '@/components/ProblemNote';
import { Skeleton } from '@/components/Skeleton';
import { TextLink } from '@/components/TextLink';
import { useSession } from '@/components/session';
import { useLoad } from '@/components/use-load';
import { paths } from '@/config/routes';
import { accountRules } from '@/lib/api/auth';
import { safeNext } from '@/lib/auth/next';
import { useT } from '@/messages/i18n';
import { AuthFrame } from './AuthFrame';
import { landingOf } from './landing';
import { useOneTimeToken } from './one-time-token';
import { ResendMail } from './ResendMail';
import { SignUpForm } from './SignUpForm';

export default function SignUpPage() {
  const t = useT();
  const [parameters] = useSearchParams();
  const next = safeNext(parameters.get('next'));
  const { status, me } = useSession();
  const invite = useOneTimeToken();
  const [waiting, setWaiting] = useState<{ reason: 'sent' | 'approval'; email: string } | null>(
    null,
  );
  const { value: rules, problem } = useLoad(accountRules);

  if (status === 'signed-in' && me !== null) {
    return <Redirect to={landingOf(me.role, next)} replace />;
  }
  if (waiting?.reason === 'approval') {
    return (
      <AuthFrame
        icon={<Hourglass size={22} />}
        title={t('auth.waiting.title')}
        text={t('auth.waiting.text')}
      >
        <ButtonLink href={paths.home()}>{t('notFound.action')}</ButtonLink>
      </AuthFrame>
    );
  }
  if (waiting !== null) {
    return (
      <AuthFrame
        icon={<MailCheck size={22} />}
        title={t('auth.mail.title')}
        text={t('auth.mail.text', { email: waiting.email })}
      >
        <ResendMail email={waiting.email} />
      </AuthFrame>
    );
  }
  if (rules?.signup_mode === 'closed' && invite === '') {
    return (
      <AuthFrame
        icon={<UserRoundX size={22} />}
        title={t('auth.closed.title')}
        text={t('auth.closed.text', { name: rules.name })}
      >
        <ButtonLink look="primary" href={paths.signIn()}>
          {t('auth.signIn.title')}
        </ButtonLink>
      </AuthFrame>
    );
  }
  return (
    <AuthFrame
      title={t(rules?.signup_mode === 'approval' ? 'auth.join.request' : 'auth.signUp.title')}
      text={
        rules === null ? t('auth.signUp.text.plain') : t('auth.signUp.text', { name: rules.name })
      }
      below={
        <p>
          {t('auth.signUp.have')}{' '}
          <TextLink href={paths.signIn(next ?? undefined)}>{t('auth.signIn.title')}</TextLink>
        </p>
      }
    >
      {problem !== null && (
        <Note>
          <ProblemText problem={problem} />
        </Note>
      )}
      {rules === null ? (
        problem === null && <Skeleton height="460px" />
      ) : (
        <SignUpForm
          rules={rules}
          invite={invite}
          onWaiting={(reason, email) => setWaiting({ reason, email })}
        />
      )}
    </AuthFrame>
  );
}
