import '@/messages/areas/watch';
import { Bookmark, Heart, History as HistoryIcon } from 'lucide-react';
import type { ReactNode } from 'react';
import { Link } from 'wouter';
import { ButtonLink } from '@/components/Button';
import { EmptyState } from '@/components/EmptyState';
import { useTitle } from '@/components/use-title';
import { paths, SHELVES, type Shelf } from '@/config/routes';
import { useT } from '@/messages/i18n';
import { History } from './History';
import { Kept } from './Kept';
import styles from './LibraryPage.module.css';

const ICONS: Record<Shelf, ReactNode> = {
  history: <HistoryIcon size={24} />,
  saved: <Bookmark size={24} />,
  favorites: <Heart size={24} />,
};

/** What somebody watched and kept. */
export default function LibraryPage({ shelf }: { shelf: string | undefined }) {
  const t = useT();
  const here = SHELVES.find((known) => known === shelf) ?? 'history';
  useTitle(`${t(`library.${here}`)} · ${t('library.title')}`);
  return (
    <div className={styles.page}>
      <h1 className={styles.title}>{t('library.title')}</h1>
      <nav className={styles.shelves} aria-label={t('library.shelves')}>
        {SHELVES.map((known) => (
          <Link
            key={known}
            href={paths.library(known)}
            className={styles.shelf}
            aria-current={known === here ? 'page' : undefined}
          >
            {t(`library.${known}`)}
          </Link>
        ))}
      </nav>
      {here === 'history' ? (
        <History empty={<Empty shelf="history" />} />
      ) : (
        <Kept
          key={here}
          kind={here === 'saved' ? 'saved' : 'favorite'}
          empty={<Empty shelf={here} />}
        />
      )}
    </div>
  );
}

function Empty({ shelf }: { shelf: Shelf }) {
  const t = useT();
  return (
    <EmptyState
      icon={ICONS[shelf]}
      title={t(`library.${shelf}.empty.title`)}
      text={t(`library.${shelf}.empty.text`)}
      action={
        <ButtonLink look="primary" href={paths.home()}>
          {t('library.empty.action')}
        </ButtonLink>
      }
    />
  );
}
