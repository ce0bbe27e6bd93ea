import { useId, type ReactNode } from 'react';
import styles from './Panel.module.css';

/** One matter of a page: what it is about, and what can be done. */
export function Panel({
  title,
  text,
  danger = false,
  aside,
  children,
}: {
  title: string;
  text?: ReactNode;
  danger?: boolean;
  /** Stands at the end of the title. */
  aside?: ReactNode;
  children?: ReactNode;
}) {
  const id = useId();
  return (
    <section className={`${styles.panel} ${danger ? styles.danger : ''}`} aria-labelledby={id}>
      <header className={styles.header}>
        <div>
          <h2 id={id} className={styles.title}>
            {title}
          </h2>
          {text !== undefined && <p className={styles.text}>{text}</p>}
        </div>
        {aside}
      </header>
      {children}
    </section>
  );
}

/** The heading of a page with a menu at its side. */
export function PageHead({
  title,
  text,
  actions,
}: {
  title: string;
  text?: ReactNode;
  actions?: ReactNode;
}) {
  return (
    <header className={styles.pageHead}>
      <div>
        <h1 className={styles.pageTitle}>{title}</h1>
        {text !== undefined && <p className={styles.text}>{text}</p>}
      </div>
      {actions !== undefined && <div className={styles.actions}>{actions}</div>}
    </header>
  );
}
