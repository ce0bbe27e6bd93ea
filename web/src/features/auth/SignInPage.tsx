import { KeyRound } from 'lucide-react';
import { useState } from 'react';
import { Redirect, useSearchParams } from 'wouter';
import { Note } from '@/components/ProblemNote';
import { TextLink } from '@/components/TextLink';
import { useSession } from '@/components/session';
import { useLoad } from '@/components/use-load';
import { paths } from '@/config/routes';
import { accountRules } from '@/lib/api/auth';
import { safeNext } from '@/lib/auth/next';
import type { AccountRules } from '@/lib/api/types';
import { useT } from '@/messages/i18n';
import { AuthFrame } from './AuthFrame';
import { landingOf } from './landing';
import { SignInForm } from './SignInForm';

export default function SignInPage() {
  const t = useT();
  const [parameters] = useSearchParams();
  const next = safeNext(parameters.get('next'));
  const { status, me } = useSession();
  const [step, setStep] = useState<'password' | 'code'>('password');
  const { value: rules } = useLoad(accountRules);
  if (status === 'signed-in' && me !== null) {
    return <Redirect to={landingOf(me.role, next)} replace />;
  }
  const code = step === 'code';
  const welcome =
    rules === null ? t('auth.signIn.text.plain') : t('auth.signIn.text', { name: rules.name });
  return (
    <AuthFrame
      icon={code ? <KeyRound size={22} /> : undefined}
      title={code ? t('auth.mfa.title') : t('auth.signIn.title')}
      text={code ? t('auth.mfa.text') : welcome}
      below={code ? undefined : <Join rules={rules} next={next} />}
    >
      {next !== null && !code ? <Note tone="quiet">{t('auth.signIn.next')}</Note> : null}
      <SignInForm onDone={() => undefined} onStep={setStep} />
    </AuthFrame>
  );
}

/** How to get an account here, and where to ask. */
function Join({ rules, next }: { rules: AccountRules | null; next: string | null }) {
  const t = useT();
  const mode = rules?.signup_mode ?? 'open';
  return (
    <>
      {mode === 'closed' ? (
        <p>{t('auth.join.closed')}</p>
      ) : (
        <p>
          {t('auth.join.new')}{' '}
          <TextLink href={paths.signUp(next ?? undefined)}>
            {t(mode === 'approval' ? 'auth.join.request' : 'auth.join.action')}
          </TextLink>
        </p>
      )}
      <p>{t('auth.join.support')}</p>
      {rules?.demo && (
        <p>
          {t('auth.demo')} <code>{rules.demo.email}</code> <code>{rules.demo.password}</code>
        </p>
      )}
    </>
  );
}
