import { Download, Printer } from 'lucide-react';
import { useState } from 'react';
import { Button } from '@/components/Button';
import { Checkbox } from '@/components/Choices';
import { CopyButton } from '@/components/Copy';
import { useT } from '@/messages/i18n';
import { download } from '@/components/download';
import styles from './BackupCodes.module.css';

/** The codes, this once; leaving asks that they were kept. */
export function BackupCodes({
  codes,
  handle,
  onDone,
}: {
  codes: readonly string[];
  handle: string;
  onDone(): void;
}) {
  const t = useT();
  const [kept, setKept] = useState(false);
  const text = codes.join('\n');
  return (
    <>
      <div className={styles.sheet}>
        <ol className={styles.codes}>
          {codes.map((code) => (
            <li key={code}>
              <code>{code}</code>
            </li>
          ))}
        </ol>
      </div>
      <div className={styles.actions}>
        <CopyButton text={text} label={`${t('action.copy')}: ${t('account.codes')}`} />
        <Button
          icon={<Download size={18} />}
          onClick={() => download(`sluice-${handle}-backup-codes.txt`, 'text/plain', `${text}\n`)}
        >
          {t('account.codes.download')}
        </Button>
        <Button icon={<Printer size={18} />} onClick={() => window.print()}>
          {t('account.codes.print')}
        </Button>
      </div>
      <Checkbox label={t('account.codes.kept')} checked={kept} onChange={setKept} />
      <div>
        <Button look="primary" disabled={!kept} onClick={onDone}>
          {t('account.codes.done')}
        </Button>
      </div>
    </>
  );
}
