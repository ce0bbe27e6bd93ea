import { PanelLeftClose, PanelLeftOpen } from 'lucide-react';
import { useEffect, useRef, useState, type ReactNode } from 'react';
import { Link, useLocation } from 'wouter';
import { useT } from '@/messages/i18n';
import { IconButton } from './Button';
import styles from './SideLayout.module.css';

export interface SideItem {
  href: string;
  label: string;
  icon: ReactNode;
}

/** Pages that belong together, with a menu at the side; on phones a row above that scrolls. */
export function SideLayout({
  title,
  items,
  wide = false,
  children,
}: {
  title: string;
  items: readonly SideItem[];
  /** Tables use the whole width, and the menu can be folded to its icons. */
  wide?: boolean;
  children: ReactNode;
}) {
  const t = useT();
  const [path] = useLocation();
  const [folded, setFolded] = useState(() => wide && localStorage.getItem(FOLDED) === 'yes');
  const fold = () => {
    localStorage.setItem(FOLDED, folded ? 'no' : 'yes');
    setFolded(!folded);
  };
  const row = useRef<HTMLUListElement>(null);
  useEffect(() => {
    // On phones the row scrolls; where one is must be in it.
    const here = row.current?.querySelector<HTMLElement>('[aria-current]');
    if (here && row.current) row.current.scrollLeft = here.offsetLeft - SLACK_PX;
  }, [path]);
  return (
    <div className={`${styles.layout} ${wide ? styles.wide : ''} ${folded ? styles.folded : ''}`}>
      <nav className={styles.side} aria-label={title}>
        <div className={styles.head}>
          <p className={styles.title}>{title}</p>
          {wide && (
            <IconButton
              label={folded ? t('side.unfold') : t('side.fold')}
              aria-expanded={!folded}
              className={styles.fold}
              onClick={fold}
            >
              {folded ? <PanelLeftOpen size={18} /> : <PanelLeftClose size={18} />}
            </IconButton>
          )}
        </div>
        <ul ref={row} className={styles.items}>
          {items.map(({ href, label, icon }) => (
            <li key={href}>
              <Link
                href={href}
                className={styles.item}
                aria-current={path === href ? 'page' : undefined}
                title={folded ? label : undefined}
              >
                {icon}
                <span className={styles.label}>{label}</span>
              </Link>
            </li>
          ))}
        </ul>
      </nav>
      <div className={styles.content}>{children}</div>
    </div>
  );
}

const FOLDED = 'sluice.side.folded';

/** Leaves a bit of the item before in sight. */
const SLACK_PX = 80;
