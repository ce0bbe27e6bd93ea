import '@/messages/areas/streams';
import { Flag } from 'lucide-react';
import { lazy, Suspense, useState } from 'react';
import { useT } from '@/messages/i18n';
import { Button } from './Button';
import type { Reported } from './ReportDialog';
import styles from './ReportButton.module.css';

const ReportDialog = lazy(() => import('./ReportDialog'));

/** Opens the dialog to report something. */
export function ReportButton({ about }: { about: Reported }) {
  const t = useT();
  const [open, setOpen] = useState(false);
  return (
    <>
      <Button
        icon={<Flag size={16} />}
        title={t(about.target === 'stream' ? 'report.stream' : 'report.account', {
          name: about.name,
        })}
        onClick={() => setOpen(true)}
      >
        <span className={styles.word}>{t('report.action')}</span>
      </Button>
      {open && (
        <Suspense fallback={null}>
          <ReportDialog about={about} onClose={() => setOpen(false)} />
        </Suspense>
      )}
    </>
  );
}
