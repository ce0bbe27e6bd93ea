import { lazy, Suspense, useState, type ReactNode } from 'react';
import { useMe } from '@/components/session';

const SecondFactorPage = lazy(() => import('@/features/account/SecondFactorPage'));

/**
 * Leads staff whose organisation asks for a second factor to its set-up, whatever page they asked
 * for: the server lets them do nothing else. They stay until they have seen their backup codes.
 */
export function SecondFactor({ children }: { children: ReactNode }) {
  const me = useMe();
  const lacks = me !== null && me.mfa.required && !me.mfa.totp;
  const [settingUp, setSettingUp] = useState(lacks);
  if (lacks && !settingUp) setSettingUp(true);
  if (me === null && settingUp) setSettingUp(false);
  if (me === null || !settingUp) return children;
  return (
    <Suspense fallback={null}>
      <SecondFactorPage me={me} onDone={() => setSettingUp(false)} />
    </Suspense>
  );
}
