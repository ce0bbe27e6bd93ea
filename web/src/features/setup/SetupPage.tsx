import '@/messages/areas/setup';
import { Check } from 'lucide-react';
import { useState } from 'react';
import { Redirect } from 'wouter';
import { Logo } from '@/components/Logo';
import { Note, ProblemText } from '@/components/ProblemNote';
import { Skeleton } from '@/components/Skeleton';
import { useLoad } from '@/components/use-load';
import { usePage } from '@/components/use-page';
import { paths } from '@/config/routes';
import { accountRules } from '@/lib/api/auth';
import { useT } from '@/messages/i18n';
import { SetupDone } from './SetupDone';
import { SetupForm, STEPS, type StepName } from './SetupForm';
import styles from './SetupPage.module.css';

/** The first visit to a fresh server: whoever comes first makes the account that runs it. */
export default function SetupPage({ onDone }: { onDone(): void }) {
  const t = useT();
  const [step, setStep] = useState<StepName>('account');
  const [done, setDone] = useState(false);
  const { value: rules, problem } = useLoad(accountRules);
  usePage(t('setup.title'));
  if (rules !== null && !rules.setup_needed && !done) return <Redirect to={paths.home()} replace />;
  const at = done ? STEPS.length : STEPS.indexOf(step);
  return (
    <div className={styles.page}>
      <header className={styles.brand}>
        <Logo />
        <span>Sluice</span>
        {rules !== null && <small>{rules.version}</small>}
      </header>
      <main id="content" className={styles.main}>
        <div className={styles.intro}>
          <h1 className={styles.title}>{done ? t('setup.done') : t('setup.title')}</h1>
          <p>{done ? t('setup.done.text') : t('setup.text')}</p>
        </div>
        <ol className={styles.steps} aria-label={t('setup.steps')}>
          {STEPS.map((name, index) => (
            <li
              key={name}
              className={styles.step}
              data-state={index < at ? 'done' : index === at ? 'now' : 'later'}
              aria-current={index === at ? 'step' : undefined}
            >
              <span className={styles.number} aria-hidden="true">
                {index < at ? <Check size={14} /> : index + 1}
              </span>
              {t(`setup.step.${name}`)}
            </li>
          ))}
        </ol>
        {problem !== null && (
          <Note>
            <ProblemText problem={problem} />
          </Note>
        )}
        <div className={styles.card}>
          {done ? (
            <SetupDone onLeave={onDone} />
          ) : rules === null ? (
            <Skeleton height="420px" />
          ) : (
            <SetupForm
              policy={rules.password_policy}
              step={step}
              onStep={setStep}
              onDone={() => setDone(true)}
            />
          )}
        </div>
      </main>
    </div>
  );
}
