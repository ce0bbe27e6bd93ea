import { Laptop } from 'lucide-react';
import { useCallback, useState } from 'react';
import { Button } from '@/components/Button';
import { Panel } from '@/components/Panel';
import { Note, ProblemText } from '@/components/ProblemNote';
import { Rows } from '@/components/Rows';
import { Time } from '@/components/Time';
import { asProblem, useLoad } from '@/components/use-load';
import { accountSessions, endAccountSessions } from '@/lib/api/admin';
import type { ProblemError } from '@/lib/api/problem';
import { useT } from '@/messages/i18n';

export function UserSessions({ id }: { id: string }) {
  const t = useT();
  const load = useCallback((signal: AbortSignal) => accountSessions(id, signal), [id]);
  const { value, problem, reload } = useLoad(load);
  const [failed, setFailed] = useState<ProblemError | null>(null);
  const endAll = async () => {
    setFailed(null);
    try {
      await endAccountSessions(id);
      reload();
    } catch (error) {
      setFailed(asProblem(error));
    }
  };
  return (
    <Panel
      title={t('admin.user.sessions')}
      aside={
        (value?.items.length ?? 0) > 0 && (
          <Button onClick={() => void endAll()}>{t('admin.user.sessions.end')}</Button>
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
        empty={t('admin.user.sessions.empty')}
        onRetry={reload}
      >
        {(item) => ({
          icon: <Laptop size={20} aria-hidden="true" />,
          name: item.device,
          detail: (
            <>
              {item.address} · <Time at={item.last_seen_at} />
            </>
          ),
        })}
      </Rows>
    </Panel>
  );
}
