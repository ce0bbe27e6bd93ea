import { lazy, Suspense, useEffect, useState, type ReactNode } from 'react';
import { useSession } from '@/components/session';
import { useTheme } from '@/components/theme';
import { useTopic } from '@/components/use-topic';
import { send } from '@/lib/api/transport';
import { session } from '@/lib/auth/session';
import { useI18n } from '@/messages/i18n';

const SetupPage = lazy(() => import('@/features/setup/SetupPage'));
const SessionEnded = lazy(() => import('@/features/auth/SessionEnded'));

/**
 * What stands before every page: the set-up of a fresh server, who is signed in, and their taste.
 * Nobody waits for it: the pages are shown meanwhile.
 */
export function Entrance({ children }: { children: ReactNode }) {
  const { status } = useSession();
  const [needed, setNeeded] = useState(false);
  useTaste();
  useTopic(status === 'signed-in' ? 'me' : null, ({ event }) => {
    if (event === 'session.revoked') void session.revoked();
  });
  useEffect(() => {
    session.start();
    void send<{ needed: boolean }>('GET', '/setup')
      .then(({ body }) => setNeeded(body.needed))
      // A server that does not answer is told about by the page itself.
      .catch(() => undefined);
  }, []);
  if (needed) return <SetupPage onDone={() => setNeeded(false)} />;
  return (
    <>
      {children}
      {status === 'ended' && (
        <Suspense fallback={null}>
          <SessionEnded />
        </Suspense>
      )}
    </>
  );
}

/** Theme and language of the account, on whatever device it is used. */
function useTaste() {
  const { me } = useSession();
  const { setTheme } = useTheme();
  const { setLanguage } = useI18n();
  const theme = me?.preferences.theme;
  const language = me?.preferences.language;
  useEffect(() => {
    // "As the system" is also what an account has whose owner never chose: the device's own choice stays.
    if (theme !== undefined && theme !== 'system') setTheme(theme);
    // Only a change of the account's own choice counts; what is chosen on this device stays.
    // eslint-disable-next-line react-hooks/exhaustive-deps
  }, [theme]);
  useEffect(() => {
    if (language === 'en' || language === 'de') setLanguage(language);
    // eslint-disable-next-line react-hooks/exhaustive-deps
  }, [language]);
}
