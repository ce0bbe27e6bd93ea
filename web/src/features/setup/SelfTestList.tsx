import { CircleCheck, CircleX, TriangleAlert } from 'lucide-react';
import { useMemo } from 'react';
import { useT } from '@/messages/i18n';
import { selfTest, surroundings } from './self-test';
import styles from './SelfTestList.module.css';

const ICONS = { good: CircleCheck, warn: TriangleAlert, bad: CircleX };

/** What was found about the way that video takes, with what to do about it. */
export function SelfTestList({ publicUrl }: { publicUrl: string }) {
  const t = useT();
  const tests = useMemo(() => selfTest(publicUrl, surroundings()), [publicUrl]);
  return (
    <ul className={styles.tests}>
      {tests.map(({ name, finding, detail }) => {
        const Icon = ICONS[finding];
        return (
          <li key={name} className={`${styles.test} ${styles[finding]}`}>
            <Icon size={20} aria-hidden="true" />
            <div>
              <strong>{t(`setup.test.${name}`)}</strong>
              <span className="visually-hidden">{t(`setup.test.${finding}`)}</span>
              <p>{t(`setup.test.${name}.${detail}` as 'setup.test.browser.good')}</p>
            </div>
          </li>
        );
      })}
    </ul>
  );
}
