import { House, Library, Radio, Search as SearchIcon } from 'lucide-react';
import type { ReactNode } from 'react';
import { Link, useLocation, useRoute } from 'wouter';
import { ButtonLink } from '@/components/Button';
import { Logo } from '@/components/Logo';
import { useSession } from '@/components/session';
import { paths, routes } from '@/config/routes';
import { useT } from '@/messages/i18n';
import { Notices } from './Notices';
import { Search } from './Search';
import { SettingsMenu } from './SettingsMenu';
import { useArrival } from './use-arrival';
import styles from './Shell.module.css';

/** The frame of every page but the embedded player: a slim top bar, on phones a bottom bar. */
export function Shell({ account, children }: { account: ReactNode; children: ReactNode }) {
  const t = useT();
  const { me } = useSession();
  useArrival();
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
        <Search />
        <div className={styles.end}>
          <GoLive />
          {me === null && <SettingsMenu />}
          {account}
        </div>
      </header>
      <main id="content" tabIndex={-1} className={styles.main}>
        {children}
      </main>
      <nav className={styles.bottom} aria-label={t('nav.main')}>
        <Tab href={paths.home()} path={routes.home} icon={<House size={20} />}>
          {t('nav.home')}
        </Tab>
        <Tab href={paths.search()} path={routes.search} icon={<SearchIcon size={20} />}>
          {t('nav.search.short')}
        </Tab>
        <Tab href={paths.studio()} path="/studio/*?" icon={<Radio size={20} />}>
          {t('nav.goLive')}
        </Tab>
        {me !== null && (
          <Tab href={paths.library()} path={routes.library} icon={<Library size={20} />}>
            {t('nav.library')}
          </Tab>
        )}
      </nav>
      <Notices />
    </div>
  );
}

/** Where one already is, the button would only repeat it. */
function GoLive() {
  const t = useT();
  const [path] = useLocation();
  if (path.startsWith(paths.studio())) return null;
  return (
    <span className={styles.goLive}>
      <ButtonLink look="primary" href={paths.studio()} icon={<Radio size={18} />}>
        {t('nav.goLive')}
      </ButtonLink>
    </span>
  );
}

function Tab({
  href,
  path,
  icon,
  children,
}: {
  href: string;
  path: string;
  icon: ReactNode;
  children: ReactNode;
}) {
  const [here] = useRoute(path);
  return (
    <Link href={href} className={styles.tab} aria-current={here ? 'page' : undefined}>
      {icon}
      {children}
    </Link>
  );
}
