import '@/messages/areas/account';
import { Button } from '@/components/Button';
import { PageHead } from '@/components/Panel';
import { usePage } from '@/components/use-page';
import type { Me } from '@/lib/api/types';
import { session } from '@/lib/auth/session';
import { useT } from '@/messages/i18n';
import { TotpPanel } from './TotpPanel';

/** Staff whose organisation asks for a second factor set one up here before anything else. */
export default function SecondFactorPage({ me, onDone }: { me: Me; onDone(): void }) {
  const t = useT();
  usePage(t('account.mfa.title'));
  return (
    <>
      <PageHead
        title={t('account.mfa.title')}
        text={t('account.mfa.text', { name: me.organisation.name })}
      />
      <TotpPanel me={me} onDone={onDone} />
      <div>
        <Button look="quiet" onClick={() => void session.signOut()}>
          {t('denied.other')}
        </Button>
      </div>
    </>
  );
}
