import { Library, LogOut, Settings, ShieldCheck, UserRound } from 'lucide-react';
import { useEffect, useRef, useState, type KeyboardEvent, type ReactNode } from 'react';
import { Link, useLocation, useSearch } from 'wouter';
import { Avatar } from '@/components/Avatar';
import { ButtonLink } from '@/components/Button';
import { usePermission, useSession } from '@/components/session';
import { paths } from '@/config/routes';
import type { Me } from '@/lib/api/types';
import { session } from '@/lib/auth/session';
import { useT } from '@/messages/i18n';
import styles from './AccountMenu.module.css';

/** The end of the top bar: the way in, or the own picture with what belongs to it. */
export function AccountMenu() {
  const t = useT();
  const { status, me } = useSession();
  const [path] = useLocation();
  const search = useSearch();
  if (status === 'unknown') return <span className={styles.waiting} aria-hidden="true" />;
  if (me === null) {
    const here = search === '' ? path : `${path}?${search}`;
    const atDoor = path.startsWith('/sign-') || path === paths.home();
    return (
      <ButtonLink href={paths.signIn(atDoor ? undefined : here)}>{t('nav.signIn')}</ButtonLink>
    );
  }
  return <Own me={me} />;
}

function Own({ me }: { me: Me }) {
  const t = useT();
  const [open, setOpen] = useState(false);
  const root = useRef<HTMLDivElement>(null);
  const trigger = useRef<HTMLButtonElement>(null);
  const mayAdmin = usePermission('read_accounts');

  useEffect(() => {
    if (open) itemsOf(root.current)[0]?.focus();
  }, [open]);

  const close = () => {
    setOpen(false);
    trigger.current?.focus();
  };
  const onKeyDown = (event: KeyboardEvent) => {
    if (!open) return;
    const items = itemsOf(root.current);
    const at = items.indexOf(document.activeElement as HTMLElement);
    const targets: Record<string, number> = {
      ArrowDown: (at + 1) % items.length,
      ArrowUp: (at - 1 + items.length) % items.length,
      Home: 0,
      End: items.length - 1,
    };
    const target = targets[event.key];
    if (event.key === 'Escape') close();
    else if (target !== undefined) items[target]?.focus();
    else return;
    event.preventDefault();
  };

  return (
    <div
      ref={root}
      className={styles.root}
      onKeyDown={onKeyDown}
      onBlur={(event) => {
        if (!root.current?.contains(event.relatedTarget)) setOpen(false);
      }}
    >
      <button
        ref={trigger}
        type="button"
        className={styles.trigger}
        aria-label={t('nav.account', { name: me.display_name })}
        aria-haspopup="menu"
        aria-expanded={open}
        onClick={() => setOpen(!open)}
      >
        <Avatar name={me.display_name} url={me.avatar_url} size={32} />
      </button>
      {open && (
        <div
          role="menu"
          aria-label={t('nav.account', { name: me.display_name })}
          className={styles.menu}
        >
          <div className={styles.who} role="presentation">
            <strong>{me.display_name}</strong>
            <span>@{me.handle}</span>
          </div>
          {me.has_channel && (
            <Item
              href={paths.channel(me.handle)}
              icon={<UserRound size={16} />}
              onGo={() => setOpen(false)}
            >
              {t('nav.channel')}
            </Item>
          )}
          <Item href={paths.library()} icon={<Library size={16} />} onGo={() => setOpen(false)}>
            {t('nav.library')}
          </Item>
          <Item href={paths.settings()} icon={<Settings size={16} />} onGo={() => setOpen(false)}>
            {t('nav.accountSettings')}
          </Item>
          {mayAdmin && (
            <Item href={paths.admin()} icon={<ShieldCheck size={16} />} onGo={() => setOpen(false)}>
              {t('nav.admin')}
            </Item>
          )}
          <button
            type="button"
            role="menuitem"
            tabIndex={-1}
            className={`${styles.item} ${styles.out}`}
            onClick={() => void session.signOut()}
          >
            <LogOut size={16} aria-hidden="true" />
            {t('nav.signOut')}
          </button>
        </div>
      )}
    </div>
  );
}

function Item({
  href,
  icon,
  children,
  onGo,
}: {
  href: string;
  icon: ReactNode;
  children: ReactNode;
  onGo(): void;
}) {
  return (
    <Link href={href} role="menuitem" tabIndex={-1} className={styles.item} onClick={onGo}>
      {icon}
      {children}
    </Link>
  );
}

function itemsOf(root: HTMLElement | null): HTMLElement[] {
  return [...(root?.querySelectorAll<HTMLElement>('[role="menuitem"]') ?? [])];
}
