import '@/messages/areas/auth';
import { Button } from '@/components/Button';
import { Dialog } from '@/components/Dialog';
import { useSession } from '@/components/session';
import { session } from '@/lib/auth/session';
import { useT } from '@/messages/i18n';
import { SignInForm } from './SignInForm';

/** The server ended the session. The page stays as it is, so that nothing typed is lost. */
export default function SessionEnded() {
  const t = useT();
  const { status, me } = useSession();
  if (status !== 'ended' || me === null) return null;
  return (
    <Dialog
      open
      title={t('auth.ended.title')}
      onClose={() => session.forget()}
      actions={
        <Button look="quiet" onClick={() => session.forget()}>
          {t('auth.ended.leave')}
        </Button>
      }
    >
      <p>{t('auth.ended.text')}</p>
      <SignInForm email={me.email} fixed onDone={() => undefined} />
    </Dialog>
  );
}
