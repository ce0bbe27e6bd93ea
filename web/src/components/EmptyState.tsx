import type { ReactNode } from 'react';
import styles from './EmptyState.module.css';

/** What to do when there is nothing to show: one sentence, one button. */
export function EmptyState({
  icon,
  level = 2,
  title,
  text,
  action,
}: {
  icon?: ReactNode;
  /** 1 where it is the whole page. */
  level?: 1 | 2 | 3;
  title: string;
  text?: string;
  action?: ReactNode;
}) {
  const Heading = `h${level}` as const;
  return (
    <section className={styles.empty}>
      {icon !== undefined && <div className={styles.icon}>{icon}</div>}
      <Heading className={styles.title}>{title}</Heading>
      {text !== undefined && <p className={styles.text}>{text}</p>}
      {action}
    </section>
  );
}
