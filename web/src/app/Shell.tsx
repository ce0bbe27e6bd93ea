import { House, Radio } from 'lucide-react';
import type { ReactNode } from 'react';
import { Link, useRoute } from 'wouter';
import { ButtonLink } from '@/components/Button';
import { Logo } from '@/components/Logo';
import { useSession } from '@/components/session';
import { paths, routes } from '@/config/routes';
import { useT } from '@/messages/i18n';
import { Search } from './Search';
import { SettingsMenu } from './SettingsMenu';
import styles from './Shell.module.css';

/** The frame of every page but the embedded player: a slim top bar, on phones a bottom bar. */
export function Shell({ account, children }: { account: ReactNode; children: ReactNode }) {
  const t = useT();
  const { me } = useSession();
  const [inStudio] = useRoute(routes.studio);
  return (
    <div className={styles.shell}>
      <a href="#content" className={styles.skip}>
        {t('app.skip')}
      </a>
      <header className={styles.top}>
        <Link href={paths.home()} className={styles.brand} aria-label={`Sluice, ${t('nav.home')}`}>
          <Logo />
          <span className={styles.name}>Sluice</span>
        </Link>
        {inStudio ? <span /> : <Search />}
        <div className={styles.end}>
          {!inStudio && (
            <span className={styles.goLive}>
              <ButtonLink look="primary" href={paths.studio()} icon={<Radio size={18} />}>
                {t('nav.goLive')}
              </ButtonLink>
            </span>
          )}
          {me === null && <SettingsMenu />}
          {account}
        </div>
      </header>
      <main id="content" tabIndex={-1} className={styles.main}>
        {children}
      </main>
      <nav className={styles.bottom} aria-label={t('nav.main')}>
        <Tab
          href={paths.home()}
          path={routes.home}
          icon={<House size={20} />}
          label={t('nav.home')}
        />
        <Tab
          href={paths.studio()}
          path={routes.studio}
          icon={<Radio size={20} />}
          label={t('nav.goLive')}
        />
      </nav>
    </div>
  );
}

function Tab({
  href,
  path,
  icon,
  label,
}: {
  href: string;
  path: string;
  icon: ReactNode;
  label: string;
}) {
  const [here] = useRoute(path);
  return (
    <Link href={href} className={styles.tab} aria-current={here ? 'page' : undefined}>
      {icon}
      {label}
    </Link>
  );
}
