import { useId, type ReactNode } from 'react';
import styles from './Section.module.css';

/** A part of a page under a heading of its own. */
export function Section({
  title,
  note,
  action,
  children,
}: {
  title: string;
  /** Small print beside the title. */
  note?: ReactNode;
  action?: ReactNode;
  children: ReactNode;
}) {
  const id = useId();
  return (
    <section className={styles.section} aria-labelledby={id}>
      <header className={styles.header}>
        <h2 id={id} className={styles.title}>
          {title}
        </h2>
        {note !== undefined && <p className={styles.note}>{note}</p>}
        {action !== undefined && <div className={styles.action}>{action}</div>}
      </header>
      {children}
    </section>
  );
}
