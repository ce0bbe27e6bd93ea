import '@/messages/areas/doctor';
import { Check, Copy, Square, Stethoscope } from 'lucide-react';
import { useEffect, useMemo } from 'react';
import { useSearch } from 'wouter';
import { Button } from '@/components/Button';
import { CopiedNote, useCopied } from '@/components/Copy';
import { Segmented } from '@/components/Fields';
import { FindingList } from '@/components/FindingList';
import { PageHead } from '@/components/Panel';
import { Note, ProblemText } from '@/components/ProblemNote';
import { Section } from '@/components/Section';
import { bitrateText } from '@/components/units';
import { usePage } from '@/components/use-page';
import { useSnapshot } from '@/components/use-snapshot';
import { Examination } from '@/lib/doctor/examination';
import type { ExaminationState } from '@/lib/doctor/steps';
import type { Direction, Finding } from '@/lib/doctor/types';
import { useI18n, useT } from '@/messages/i18n';
import { askedOf, streamFor } from './asked';
import { reportText } from './report-text';
import { StepList } from './StepList';
import { VerdictCard } from './VerdictCard';
import styles from './DoctorPage.module.css';

/** Examines the way between this browser and the server, and says what to do about what is wrong. */
export default function DoctorPage() {
  const t = useT();
  const search = useSearch();
  usePage(t('doctor.title'));
  const asked = useMemo(() => askedOf(search), [search]);
  const examination = useMemo(() => new Examination(asked.stream), [asked]);
  const state = useSnapshot(examination.state);
  useEffect(() => {
    if (asked.begin) void examination.start();
    return () => examination.stop();
  }, [examination, asked]);
  const { phase, facts } = state;
  const running = phase === 'running';
  const rate = facts.stream?.bitrate_bps;
  return (
    <div className={styles.page}>
      <PageHead
        title={t('doctor.title')}
        text={t('doctor.text')}
        actions={
          running ? (
            <Button icon={<Square size={16} />} onClick={() => examination.stop()}>
              {t('doctor.stop')}
            </Button>
          ) : (
            <>
              {phase === 'done' && <CopyReport state={state} />}
              <Button
                look="primary"
                icon={<Stethoscope size={16} />}
                onClick={() => void examination.start()}
              >
                {t(phase === 'done' ? 'doctor.again' : 'doctor.start')}
              </Button>
            </>
          )
        }
      />
      <div className={styles.compare}>
        <div className={styles.choice}>
          <Segmented<Direction>
            label={t('doctor.for')}
            value={facts.stream?.direction ?? 'watch'}
            options={[
              { value: 'watch', label: t('doctor.for.watch') },
              { value: 'publish', label: t('doctor.for.publish') },
            ]}
            onChoose={(direction) => void examination.compare(streamFor(direction, asked))}
          />
        </div>
        {rate !== undefined && (
          <p className={styles.quiet}>{t('doctor.compared', { rate: bitrateText(rate, t) })}</p>
        )}
      </div>
      <VerdictCard state={state} />
      <Found state={state} />
      <StepList state={state} />
    </div>
  );
}

/** What is wrong, once it is known. */
function Found({ state }: { state: ExaminationState }) {
  const t = useT();
  const { phase, diagnosis, problem, facts } = state;
  if (phase !== 'done') return null;
  const findings = diagnosis?.findings ?? (facts.http?.outcome === 'fails' ? [UNREACHABLE] : []);
  return (
    <>
      {problem !== null && findings.every((finding) => finding !== UNREACHABLE) && (
        <Note tone="warn">
          <ProblemText problem={problem} />
        </Note>
      )}
      {(findings.length > 0 || diagnosis !== null) && (
        <Section title={t('doctor.findings')}>
          {findings.length === 0 ? (
            <p className={styles.none}>
              <Check size={18} aria-hidden="true" />
              {t('doctor.findings.none')}
            </p>
          ) : (
            <FindingList findings={findings} />
          )}
        </Section>
      )}
    </>
  );
}

/** What no server can say of itself. */
const UNREACHABLE: Finding = {
  code: 'server_unreachable',
  severity: 'error',
  title: 'The server does not answer',
  cause: `${location.origin}/doctor/node was asked and did not answer as it should.`,
  fix: 'See that the server runs (`systemctl status sluice`, `/health/ready`) and that the proxy in front of it passes /doctor on.',
};

function CopyReport({ state }: { state: ExaminationState }) {
  const { t, locale } = useI18n();
  const { copied, copy } = useCopied();
  return (
    <>
      <Button
        icon={copied ? <Check size={16} /> : <Copy size={16} />}
        onClick={() => void copy(reportText(state, t, locale))}
      >
        {t('doctor.copy')}
      </Button>
      <CopiedNote copied={copied} />
    </>
  );
}
