import { Search as SearchIcon } from 'lucide-react';
import { useEffect, useRef } from 'react';
import { useLocation, useSearchParams } from 'wouter';
import { paths } from '@/config/routes';
import { useT } from '@/messages/i18n';
import styles from './Shell.module.css';

/** Filters the live streams of the home page; `/` jumps here from anywhere. */
export function Search() {
  const t = useT();
  const field = useRef<HTMLInputElement>(null);
  const [path, navigate] = useLocation();
  const [parameters] = useSearchParams();

  useEffect(() => {
    const onKeyDown = (event: KeyboardEvent) => {
      const typing =
        event.target instanceof Element && event.target.closest('input, select, textarea, dialog');
      if (event.key !== '/' || typing || event.ctrlKey || event.metaKey || event.altKey) return;
      event.preventDefault();
      field.current?.focus();
    };
    document.addEventListener('keydown', onKeyDown);
    return () => document.removeEventListener('keydown', onKeyDown);
  }, []);

  const search = (query: string) => {
    const target = query === '' ? paths.home() : `${paths.home()}?q=${encodeURIComponent(query)}`;
    navigate(target, { replace: path === paths.home() });
  };

  return (
    <div role="search" className={styles.search}>
      <SearchIcon size={16} aria-hidden="true" className={styles.searchIcon} />
      <input
        ref={field}
        type="search"
        className={styles.searchField}
        aria-label={t('nav.search')}
        placeholder={t('nav.search.short')}
        value={path === paths.home() ? (parameters.get('q') ?? '') : ''}
        onChange={(event) => search(event.target.value)}
        onKeyDown={(event) => {
          if (event.key === 'Escape') event.currentTarget.blur();
        }}
      />
      <kbd className={styles.searchKey} aria-hidden="true">
        /
      </kbd>
    </div>
  );
}
