import styles from './Skeleton.module.css';

/** The shape of something that comes; the parent says aloud that it is loading. */
export function Skeleton({ width = '100%', height }: { width?: string; height: string }) {
  return <span className={styles.skeleton} style={{ width, height }} aria-hidden="true" />;
}
