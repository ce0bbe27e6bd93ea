import { Link } from 'wouter';
import { Section } from '@/components/Section';
import { Skeleton } from '@/components/Skeleton';
import { paths } from '@/config/routes';
import type { Category } from '@/lib/streams/types';
import { useT } from '@/messages/i18n';
import styles from './Categories.module.css';

/** A row that scrolls where it does not fit; nothing where the server has no categories. */
export function Categories({
  categories,
  failed,
}: {
  categories: readonly Category[] | null;
  failed: boolean;
}) {
  const t = useT();
  if (categories?.length === 0 || (categories === null && failed)) return null;
  return (
    <Section title={t('home.categories')}>
      {categories === null ? (
        <div className={styles.row} role="status" aria-label={t('app.loading')}>
          {Array.from({ length: 6 }, (_, index) => (
            <Skeleton key={index} width="148px" height="60px" />
          ))}
        </div>
      ) : (
        <ul className={styles.row}>
          {categories.map((category) => (
            <li key={category.id}>
              <Link href={paths.category(category.slug)} className={styles.category}>
                <bdi className={styles.name}>{category.name}</bdi>
                <span className={styles.count} data-live={category.live_streams > 0}>
                  {t('home.categories.live', { count: category.live_streams })}
                </span>
              </Link>
            </li>
          ))}
        </ul>
      )}
    </Section>
  );
}
