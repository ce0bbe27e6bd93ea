import '@/messages/areas/doctor';
import { Stethoscope } from 'lucide-react';
import { ButtonLink } from '@/components/Button';
import { FindingList } from '@/components/FindingList';
import { ListProblem } from '@/components/ListStates';
import { Panel } from '@/components/Panel';
import { Skeleton } from '@/components/Skeleton';
import type { Loaded } from '@/components/use-load';
import { paths } from '@/config/routes';
import type { Diagnosis } from '@/lib/api/generated/Diagnosis';
import { useT } from '@/messages/i18n';
import styles from './DiagnosticsPage.module.css';

/** What the doctor finds at the machine that the server runs on. */
export function HostPanel({
  found: { value, problem, reload },
}: {
  found: Pick<Loaded<Diagnosis>, 'value' | 'problem' | 'reload'>;
}) {
  const t = useT();
  return (
    <Panel
      title={t('doctor.server.title')}
      text={t('doctor.server.text')}
      aside={
        <ButtonLink href={paths.doctor()} icon={<Stethoscope size={16} />}>
          {t('doctor.server.open')}
        </ButtonLink>
      }
    >
      <ListProblem problem={problem} onRetry={reload} />
      {value === null ? (
        problem === null && (
          <div role="status" aria-label={t('app.loading')}>
            <Skeleton height="96px" />
          </div>
        )
      ) : value.findings.length === 0 ? (
        <p className={styles.fine}>{t('doctor.findings.none')}</p>
      ) : (
        <FindingList findings={value.findings} expert />
      )}
    </Panel>
  );
}
