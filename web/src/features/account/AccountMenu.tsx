import { Library, LogOut, Settings, ShieldCheck, UserRound } from 'lucide-react';
import type { ReactNode } from 'react';
import { Link, useLocation, useSearch } from 'wouter';
import { Avatar } from '@/components/Avatar';
import { ButtonLink } from '@/components/Button';
import { usePermission, useSession } from '@/components/session';
import menu from '@/components/Menu.module.css';
import { useMenu } from '@/components/use-menu';
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
  const { root, open, toggle, close, handlers } = useMenu();
  const mayAdmin = usePermission('read_accounts');

  return (
    <div ref={root} className={styles.root} {...handlers}>
      <button
        type="button"
        className={styles.trigger}
        aria-label={t('nav.account', { name: me.display_name })}
        aria-haspopup="menu"
        aria-expanded={open}
        onClick={toggle}
      >
        <Avatar name={me.display_name} url={me.avatar_url} size={32} />
      </button>
      {open && (
        <div
          role="menu"
          aria-label={t('nav.account', { name: me.display_name })}
          className={`${menu.menu} ${menu.below} ${styles.panel}`}
        >
          <div className={styles.who} role="presentation">
            <strong>{me.display_name}</strong>
            <span>@{me.handle}</span>
          </div>
          {me.has_channel && (
            <Item href={paths.channel(me.handle)} icon={<UserRound size={16} />} onGo={close}>
              {t('nav.channel')}
            </Item>
          )}
          <Item href={paths.library()} icon={<Library size={16} />} onGo={close}>
            {t('nav.library')}
          </Item>
          <Item href={paths.settings()} icon={<Settings size={16} />} onGo={close}>
            {t('nav.accountSettings')}
          </Item>
          {mayAdmin && (
            <Item href={paths.admin()} icon={<ShieldCheck size={16} />} onGo={close}>
              {t('nav.admin')}
            </Item>
          )}
          <button
            type="button"
            role="menuitem"
            tabIndex={-1}
            className={`${menu.item} ${styles.item} ${styles.out}`}
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
    <Link
      href={href}
      role="menuitem"
      tabIndex={-1}
      className={`${menu.item} ${styles.item}`}
      onClick={onGo}
    >
      {icon}
      {children}
    </Link>
  );
}
