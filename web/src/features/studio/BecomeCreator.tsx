import { Clapperboard, Lock } from 'lucide-react';
import { useState } from 'react';
import { Button } from '@/components/Button';
import { EmptyState } from '@/components/EmptyState';
import { Note, ProblemText } from '@/components/ProblemNote';
import { useMe, usePermission } from '@/components/session';
import { asProblem } from '@/components/use-load';
import { paths } from '@/config/routes';
import type { ProblemError } from '@/lib/api/problem';
import { becomeCreator } from '@/lib/streams/own';
import { useT } from '@/messages/i18n';

/** One step for viewers on the way to their first stream. */
export function BecomeCreator() {
  const t = useT();
  const me = useMe();
  const allowed = usePermission('become_creator');
  const [problem, setProblem] = useState<ProblemError | null>(null);
  const [busy, setBusy] = useState(false);
  const start = async () => {
    setBusy(true);
    try {
      await becomeCreator();
    } catch (error) {
      setProblem(asProblem(error));
      setBusy(false);
    }
  };
  if (!allowed || problem?.code === 'permission_denied')
    return (
      <EmptyState
        level={1}
        icon={<Lock size={24} />}
        title={t('studio.closed.title')}
        text={t('studio.closed.text')}
      />
    );
  const address = `${location.host}${paths.channel(me?.handle ?? '')}`;
  return (
    <>
      {problem !== null && (
        <Note title={t('studio.failed')}>
          <ProblemText problem={problem} />
        </Note>
      )}
      <EmptyState
        level={1}
        icon={<Clapperboard size={24} />}
        title={t('studio.creator.title')}
        text={t('studio.creator.text', { address })}
        action={
          <Button look="primary" disabled={busy} onClick={() => void start()}>
            {t('studio.creator.action')}
          </Button>
        }
      />
    </>
  );
}
