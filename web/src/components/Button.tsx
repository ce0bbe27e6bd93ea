import type { ComponentProps, ReactNode } from 'react';
import { Link } from 'wouter';
import styles from './Button.module.css';

type Look = 'primary' | 'plain' | 'quiet' | 'live' | 'danger';

interface Shared {
  look?: Look;
  wide?: boolean;
  icon?: ReactNode;
}

function classOf({ look = 'plain', wide = false }: Shared, extra?: string): string {
  return [styles.button, styles[look], wide ? styles.wide : '', extra ?? ''].join(' ').trim();
}

export function Button({
  look,
  wide,
  icon,
  className,
  children,
  ...rest
}: Shared & ComponentProps<'button'>) {
  return (
    <button type="button" className={classOf({ look, wide } as Shared, className)} {...rest}>
      {icon}
      {children}
    </button>
  );
}

/** A link that looks like a button, for going somewhere. */
export function ButtonLink({
  look,
  wide,
  icon,
  href,
  children,
}: Shared & { href: string; children: ReactNode }) {
  return (
    <Link href={href} className={classOf({ look, wide } as Shared)}>
      {icon}
      {children}
    </Link>
  );
}

/** A square button with an icon; its label is spoken and shown on hover. */
export function IconButton({
  label,
  children,
  className,
  ...rest
}: { label: string; children: ReactNode } & Omit<ComponentProps<'button'>, 'aria-label'>) {
  return (
    <button
      type="button"
      aria-label={label}
      title={label}
      className={`${styles.icon ?? ''} ${className ?? ''}`.trim()}
      {...rest}
    >
      {children}
    </button>
  );
}
