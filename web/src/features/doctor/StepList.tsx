import { Check, Circle, CircleDashed, Minus, TriangleAlert } from 'lucide-react';
import { Section } from '@/components/Section';
import type { ExaminationState, Step } from '@/lib/doctor/steps';
import { useT } from '@/messages/i18n';
import { resultOf } from './results';
import styles from './DoctorPage.module.css';

const GROUPS = [
  { name: 'server', steps: ['server', 'websocket', 'codecs'] },
  { name: 'ways', steps: ['udp', 'tcp', 'relay'] },
  { name: 'line', steps: ['quality', 'down', 'up'] },
] as const satisfies readonly { name: string; steps: readonly Step[] }[];

const ICONS = { good: Check, warn: TriangleAlert, quiet: Minus };

/** Every measurement with what came of it. All rows are there from the start, so that nothing moves. */
export function StepList({ state }: { state: ExaminationState }) {
  const t = useT();
  return (
    <Section title={t('doctor.steps')}>
      <div className={styles.groups}>
        {GROUPS.map(({ name, steps }) => (
          <section key={name} className={styles.group} aria-label={t(`doctor.group.${name}`)}>
            <h3 className={styles.groupTitle}>{t(`doctor.group.${name}`)}</h3>
            <ul>
              {steps.map((step) => (
                <Row key={step} step={step} state={state} />
              ))}
            </ul>
          </section>
        ))}
      </div>
    </Section>
  );
}

function Row({ step, state }: { step: Step; state: ExaminationState }) {
  const t = useT();
  const { tone, text } = resultOf(step, state, t);
  const now = state.steps[step];
  const running = now === 'running';
  const Icon = running ? CircleDashed : now === 'waiting' ? Circle : ICONS[tone];
  return (
    <li className={styles.step} data-tone={tone} data-running={running}>
      <Icon size={16} aria-hidden="true" />
      <span className={styles.stepName}>{t(`doctor.step.${step}`)}</span>
      <span className={styles.result}>{text}</span>
    </li>
  );
}
