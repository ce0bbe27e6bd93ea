import { useState } from 'react';
import { Button } from '@/components/Button';
import { ConfirmDialog } from '@/components/ConfirmDialog';
import { CopyLine } from '@/components/Copy';
import { TextField } from '@/components/Fields';
import { Panel } from '@/components/Panel';
import { Note, ProblemText } from '@/components/ProblemNote';
import { useMe } from '@/components/session';
import { asProblem } from '@/components/use-load';
import { resetLink } from '@/lib/api/admin';
import type { ProblemError } from '@/lib/api/problem';
import type { AdminAccount, UpdateAccount } from '@/lib/api/types';
import { useT } from '@/messages/i18n';
import styles from './people.module.css';

/** A password link, and locking somebody out; the latter is typed, and never oneself. */
export function UserDanger({
  person,
  save,
}: {
  person: AdminAccount;
  save(change: UpdateAccount): Promise<AdminAccount>;
}) {
  const t = useT();
  const me = useMe();
  const [link, setLink] = useState<string | null>(null);
  const [asking, setAsking] = useState(false);
  const [reason, setReason] = useState('');
  const [problem, setProblem] = useState<ProblemError | null>(null);
  const disabled = person.state === 'disabled';

  const attempt = async (work: () => Promise<unknown>) => {
    setProblem(null);
    try {
      await work();
    } catch (error) {
      setProblem(asProblem(error));
    }
  };

  return (
    <Panel danger title={t('admin.user.access')} text={t('admin.user.access.text')}>
      {problem !== null && (
        <Note>
          <ProblemText problem={problem} />
        </Note>
      )}
      {link !== null && <CopyLine label={t('admin.user.reset.link')} value={link} secret />}
      <div className={styles.row}>
        <Button onClick={() => void attempt(async () => setLink(await resetLink(person.id)))}>
          {t('admin.user.reset')}
        </Button>
        {disabled ? (
          <Button onClick={() => void attempt(() => save({ disabled: false }))}>
            {t('admin.user.enable')}
          </Button>
        ) : (
          <Button look="danger" disabled={me?.id === person.id} onClick={() => setAsking(true)}>
            {t('admin.user.disable')}
          </Button>
        )}
      </div>
      {asking && (
        <ConfirmDialog
          title={t('admin.user.disable.title', { name: person.display_name })}
          action={t('admin.user.disable')}
          typed={person.handle}
          ready={reason.trim() !== ''}
          onConfirm={() => save({ disabled: true, disabled_reason: reason.trim() })}
          onClose={() => setAsking(false)}
        >
          <p>{t('admin.user.disable.text')}</p>
          <TextField
            label={t('admin.user.reason')}
            hint={t('admin.user.reason.hint')}
            value={reason}
            maxLength={200}
            autoFocus
            onChange={(event) => setReason(event.target.value)}
          />
        </ConfirmDialog>
      )}
    </Panel>
  );
}
