import { useState } from 'react';
import { Button } from '@/components/Button';
import { ConfirmDialog } from '@/components/ConfirmDialog';
import { TextField } from '@/components/Fields';
import { Panel } from '@/components/Panel';
import { PasswordField } from '@/components/PasswordField';
import { Pill } from '@/components/Pill';
import { Note } from '@/components/ProblemNote';
import { newBackupCodes, removeTotp } from '@/lib/api/me';
import type { Me } from '@/lib/api/types';
import { useMe } from '@/components/session';
import { useT } from '@/messages/i18n';
import { BackupCodes } from './BackupCodes';
import { TotpSetup } from './TotpSetup';
import styles from './BackupCodes.module.css';

/** Fewer than this, and it is time for new ones. */
const FEW_CODES = 3;

/** The second factor: off, being set up, showing its codes once, or on. */
export function TotpPanel({ me: known, onDone }: { me: Me; onDone?(): void }) {
  const t = useT();
  const me = useMe() ?? known;
  const [view, setView] = useState<'rest' | 'setup' | 'remove' | 'renew'>('rest');
  const [codes, setCodes] = useState<string[] | null>(null);
  const { totp, backup_codes_left: left, required } = me.mfa;

  if (codes !== null) {
    return (
      <Panel title={t('account.codes')} text={t('account.codes.text')}>
        <BackupCodes
          codes={codes}
          handle={me.handle}
          onDone={() => {
            setCodes(null);
            onDone?.();
          }}
        />
      </Panel>
    );
  }
  return (
    <Panel
      title={t('account.totp')}
      text={t('account.totp.text')}
      aside={
        <Pill tone={totp ? 'good' : required ? 'warn' : 'quiet'}>
          {t(totp ? 'account.totp.on' : 'account.totp.off')}
        </Pill>
      }
    >
      {required && !totp && <Note tone="warn">{t('account.totp.required')}</Note>}
      {!totp && view !== 'setup' && (
        <div>
          <Button look="primary" onClick={() => setView('setup')}>
            {t('account.totp.setup')}
          </Button>
        </div>
      )}
      {!totp && view === 'setup' && (
        <TotpSetup
          onCancel={() => setView('rest')}
          onDone={(fresh) => {
            setCodes(fresh);
            setView('rest');
          }}
        />
      )}
      {totp && (
        <>
          <Note tone={left < FEW_CODES ? 'warn' : 'quiet'}>
            {t('account.codes.left', { count: left })}
          </Note>
          <div className={styles.actions}>
            <Button onClick={() => setView('renew')}>{t('account.codes.renew')}</Button>
            <Button look="danger" onClick={() => setView('remove')}>
              {t('account.totp.remove')}
            </Button>
          </div>
        </>
      )}
      {view === 'renew' && <RenewDialog onCodes={setCodes} onClose={() => setView('rest')} />}
      {view === 'remove' && <RemoveDialog onClose={() => setView('rest')} />}
    </Panel>
  );
}

function RenewDialog({ onCodes, onClose }: { onCodes(codes: string[]): void; onClose(): void }) {
  const t = useT();
  const [password, setPassword] = useState('');
  return (
    <ConfirmDialog
      title={t('account.codes.renew')}
      action={t('account.codes.renew')}
      danger={false}
      ready={password !== ''}
      onConfirm={async () => onCodes(await newBackupCodes(password))}
      onClose={onClose}
    >
      <p>{t('account.codes.renew.text')}</p>
      <PasswordField
        label={t('account.password.current')}
        autoComplete="current-password"
        value={password}
        onChange={(event) => setPassword(event.target.value)}
      />
    </ConfirmDialog>
  );
}

function RemoveDialog({ onClose }: { onClose(): void }) {
  const t = useT();
  const [password, setPassword] = useState('');
  const [code, setCode] = useState('');
  return (
    <ConfirmDialog
      title={t('account.totp.remove')}
      action={t('account.totp.remove')}
      ready={password !== '' && code.trim() !== ''}
      onConfirm={() => removeTotp(password, code.trim())}
      onClose={onClose}
    >
      <p>{t('account.totp.remove.text')}</p>
      <PasswordField
        label={t('account.password.current')}
        autoComplete="current-password"
        value={password}
        onChange={(event) => setPassword(event.target.value)}
      />
      <TextField
        label={t('account.totp.code')}
        inputMode="numeric"
        autoComplete="one-time-code"
        mono
        value={code}
        onChange={(event) => setCode(event.target.value)}
      />
    </ConfirmDialog>
  );
}
