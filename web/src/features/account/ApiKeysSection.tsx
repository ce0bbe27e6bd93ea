import { KeyRound, Plus } from 'lucide-react';
import { useState } from 'react';
import { Button } from '@/components/Button';
import { ConfirmDialog } from '@/components/ConfirmDialog';
import { CopyLine } from '@/components/Copy';
import { Panel } from '@/components/Panel';
import { Pill } from '@/components/Pill';
import { Note } from '@/components/ProblemNote';
import { Rows } from '@/components/Rows';
import { Time } from '@/components/Time';
import { useLoad } from '@/components/use-load';
import { myApiKeys, revokeApiKey } from '@/lib/api/me';
import type { ApiKey } from '@/lib/api/types';
import { useT } from '@/messages/i18n';
import { NewApiKey } from './NewApiKey';
import type { SectionProps } from './SettingsPage';

/** Keys for programs. The text of a key is shown once, when it is made. */
export function ApiKeysSection({ me }: SectionProps) {
  const t = useT();
  const { value, problem, reload, set } = useLoad(myApiKeys);
  const [making, setMaking] = useState(false);
  const [fresh, setFresh] = useState<{ key: string; api_key: ApiKey } | null>(null);
  const [leaving, setLeaving] = useState<ApiKey | null>(null);
  return (
    <Panel
      title={t('account.keys')}
      text={t('account.keys.text')}
      aside={
        !making && (
          <Button look="primary" icon={<Plus size={18} />} onClick={() => setMaking(true)}>
            {t('account.keys.new')}
          </Button>
        )
      }
    >
      {making && (
        <NewApiKey
          mayAdmin={me.permissions.includes('read_accounts')}
          onCancel={() => setMaking(false)}
          onCreated={(created) => {
            setFresh(created);
            setMaking(false);
            set((list) => ({ ...list, items: [created.api_key, ...list.items] }));
          }}
        />
      )}
      {fresh !== null && (
        <>
          <Note
            tone="good"
            title={t('account.keys.made', { name: fresh.api_key.name })}
            action={
              <Button look="quiet" onClick={() => setFresh(null)}>
                {t('account.keys.done')}
              </Button>
            }
          >
            <span>{t('account.keys.once')}</span>
          </Note>
          <CopyLine label={t('account.keys.key')} value={fresh.key} />
        </>
      )}
      <Rows
        items={value?.items ?? null}
        problem={problem}
        empty={t('account.keys.empty')}
        onRetry={reload}
      >
        {(key) => ({
          icon: <KeyRound size={20} aria-hidden="true" />,
          name: (
            <>
              {key.name} <code>…{key.last4}</code>
              <Expiry at={key.expires_at} />
            </>
          ),
          detail: (
            <>
              {key.scopes.map((scope) => t(`account.scope.${scope}`)).join(', ')} ·{' '}
              {key.last_used_at === null ? (
                t('account.keys.unused')
              ) : (
                <>
                  {t('account.keys.used')} <Time at={key.last_used_at} />
                </>
              )}
            </>
          ),
          action: (
            <Button
              look="quiet"
              aria-label={t('account.keys.revokeOne', { name: key.name })}
              onClick={() => setLeaving(key)}
            >
              {t('account.keys.revoke')}
            </Button>
          ),
        })}
      </Rows>
      {leaving !== null && (
        <ConfirmDialog
          title={t('account.keys.revokeOne', { name: leaving.name })}
          action={t('account.keys.revoke')}
          onConfirm={async () => {
            await revokeApiKey(leaving.id);
            set((list) => ({ ...list, items: list.items.filter(({ id }) => id !== leaving.id) }));
          }}
          onClose={() => setLeaving(null)}
        >
          <p>{t('account.keys.revoke.text')}</p>
        </ConfirmDialog>
      )}
    </Panel>
  );
}

function Expiry({ at }: { at: number | null }) {
  const t = useT();
  if (at === null) return null;
  if (at < Date.now()) return <Pill tone="warn">{t('account.keys.expired')}</Pill>;
  return (
    <Pill tone="quiet">
      {t('account.keys.until')} <Time at={at} look="date" />
    </Pill>
  );
}
