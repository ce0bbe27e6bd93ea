import { CircleAlert, CircleCheck, CircleHelp, Stethoscope, TriangleAlert } from 'lucide-react';
import { STEPS, type ExaminationState } from '@/lib/doctor/steps';
import { useT } from '@/messages/i18n';
import { verdictOf } from './verdict';
import styles from './DoctorPage.module.css';

const ICONS = { good: CircleCheck, fair: TriangleAlert, bad: CircleAlert, unknown: CircleHelp };

/** What stands at the top: how far the examination is, and what came of it. */
export function VerdictCard({ state }: { state: ExaminationState }) {
  const t = useT();
  const { phase, steps } = state;
  if (phase === 'done') {
    const { verdict, way } = verdictOf(state);
    const Icon = ICONS[verdict];
    return (
      <section className={styles.verdict} data-verdict={verdict} role="status">
        <Icon size={28} aria-hidden="true" />
        <div>
          <p className={styles.word}>{t(`doctor.verdict.${verdict}`)}</p>
          <p className={styles.quiet}>{t(`doctor.way.${way}`)}</p>
        </div>
      </section>
    );
  }
  if (phase === 'idle')
    return (
      <section className={styles.verdict}>
        <Stethoscope size={28} aria-hidden="true" />
        <div>
          <p className={styles.word}>{t('doctor.idle.title')}</p>
          <p className={styles.quiet}>{t('doctor.idle.text')}</p>
        </div>
      </section>
    );
  const done = STEPS.filter((step) => steps[step] === 'done' || steps[step] === 'skipped').length;
  const step = STEPS.find((name) => steps[name] === 'running') ?? 'server';
  return (
    <section className={styles.verdict}>
      <Stethoscope size={28} aria-hidden="true" />
      <div>
        <p className={styles.word} role="status">
          {t('doctor.progress', { step: t(`doctor.step.${step}`) })}
        </p>
        <div className={styles.progress}>
          <div
            role="progressbar"
            aria-label={t('doctor.title')}
            aria-valuemin={0}
            aria-valuemax={STEPS.length}
            aria-valuenow={done}
            className={styles.track}
          >
            <span style={{ width: `${(done / STEPS.length) * 100}%` }} />
          </div>
          <span className={styles.count} aria-hidden="true">
            {t('doctor.count', { done, all: STEPS.length })}
          </span>
        </div>
      </div>
    </section>
  );
}
