import type { ComponentProps } from 'react';
import { Link } from 'wouter';
import styles from './TextLink.module.css';

/** A link in running text. */
export function TextLink({ className, ...rest }: ComponentProps<typeof Link>) {
  return (
    <Link
      className={`${styles.link} ${typeof className === 'string' ? className : ''}`}
      {...rest}
    />
  );
}

/** Does something here, and looks like a link because the sentence goes on around it. */
export function TextButton({ className, ...rest }: ComponentProps<'button'>) {
  return <button type="button" className={`${styles.link} ${className ?? ''}`} {...rest} />;
}
