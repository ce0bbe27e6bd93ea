import { Laptop, Smartphone, Tablet } from 'lucide-react';
import { useState } from 'react';
import { Button } from '@/components/Button';
import { Panel } from '@/components/Panel';
import { Pill } from '@/components/Pill';
import { Note, ProblemText } from '@/components/ProblemNote';
import { Rows } from '@/components/Rows';
import { Time } from '@/components/Time';
import { asProblem, useLoad } from '@/components/use-load';
import { endOtherSessions, endSession, mySessions } from '@/lib/api/me';
import type { ProblemError } from '@/lib/api/problem';
import { deviceKind } from '@/lib/auth/device';
import { useT } from '@/messages/i18n';
import type { SectionProps } from './SettingsPage';
import { TotpPanel } from './TotpPanel';

export function SecuritySection({ me }: SectionProps) {
  return (
    <>
      <TotpPanel me={me} />
      <SessionsPanel />
    </>
  );
}

const DEVICES = { phone: Smartphone, tablet: Tablet, computer: Laptop };

function SessionsPanel() {
  const t = useT();
  const { value, problem, reload, set } = useLoad(mySessions);
  const [failed, setFailed] = useState<ProblemError | null>(null);
  const end = async (
    work: Promise<void>,
    kept: (session: { id: string; current: boolean }) => boolean,
  ) => {
    setFailed(null);
    try {
      await work;
      set((list) => ({ ...list, items: list.items.filter(kept) }));
    } catch (error) {
      setFailed(asProblem(error));
    }
  };
  const others = value?.items.some(({ current }) => !current) ?? false;
  return (
    <Panel
      title={t('account.sessions')}
      text={t('account.sessions.text')}
      aside={
        others && (
          <Button onClick={() => void end(endOtherSessions(), ({ current }) => current)}>
            {t('account.sessions.endOthers')}
          </Button>
        )
      }
    >
      {failed !== null && (
        <Note>
          <ProblemText problem={failed} />
        </Note>
      )}
      <Rows
        items={value?.items ?? null}
        problem={problem}
        empty={t('account.sessions.empty')}
        onRetry={reload}
      >
        {(item) => {
          const Icon = DEVICES[deviceKind(item.device)];
          const name = item.device === '' ? t('account.sessions.unknown') : item.device;
          return {
            icon: <Icon size={20} aria-hidden="true" />,
            name: (
              <>
                {name}
                {item.current && <Pill tone="good">{t('account.sessions.here')}</Pill>}
              </>
            ),
            detail: (
              <>
                {item.address} · {t('account.sessions.seen')} <Time at={item.last_seen_at} /> ·{' '}
                {t('account.sessions.since')} <Time at={item.created_at} look="date" />
              </>
            ),
            action: !item.current && (
              <Button
                look="quiet"
                aria-label={t('account.sessions.endOne', { device: name })}
                onClick={() => void end(endSession(item.id), ({ id }) => id !== item.id)}
              >
                {t('account.sessions.end')}
              </Button>
            ),
          };
        }}
      </Rows>
    </Panel>
  );
}
