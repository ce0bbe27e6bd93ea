import type { ReactNode } from 'react';
import styles from './Excerpt.module.css';

/** What somebody wrote, word for word, with an end where it is long. */
export function Excerpt({ label, children }: { label?: string; children: ReactNode }) {
  return (
    <blockquote className={styles.excerpt} dir="auto" aria-label={label}>
      {children}
    </blockquote>
  );
}
