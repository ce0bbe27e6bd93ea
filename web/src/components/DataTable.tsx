import { ArrowDown, ArrowUp } from 'lucide-react';
import type { KeyboardEvent, ReactNode } from 'react';
import { Link } from 'wouter';
import type { ProblemError } from '@/lib/api/problem';
import { useT } from '@/messages/i18n';
import { Button } from './Button';
import { Note, ProblemText } from './ProblemNote';
import { Skeleton } from './Skeleton';
import styles from './DataTable.module.css';

export interface Column<Item> {
  name: string;
  title: string;
  /** The word of the server's `sort` for it, where it can be sorted. */
  sort?: { value: string; falling: boolean };
  align?: 'end';
  cell(item: Item): ReactNode;
}

/** Rows shown before the first answer: as many as fit a screen without a scroll bar. */
const SHAPES = 8;

/**
 * A table in each of its states. Up and down move between rows, Enter opens one; on phones each row
 * is a card.
 */
export function DataTable<Item extends { id: string }>({
  label,
  columns,
  items,
  problem,
  empty,
  sorted,
  more,
  loading,
  hrefOf,
  onSort,
  onMore,
  onRetry,
}: {
  label: string;
  columns: readonly Column<Item>[];
  items: readonly Item[] | null;
  problem: ProblemError | null;
  empty: ReactNode;
  /** Value of the sort in force. */
  sorted?: string;
  more: boolean;
  loading: boolean;
  /** Where the first cell of a row leads. */
  hrefOf?(item: Item): string;
  onSort?(value: string): void;
  onMore(): void;
  onRetry(): void;
}) {
  const t = useT();
  return (
    <div className={styles.frame} aria-busy={loading}>
      {problem !== null && (
        <Note
          action={
            <Button look="quiet" onClick={onRetry}>
              {t('action.retry')}
            </Button>
          }
        >
          <ProblemText problem={problem} />
        </Note>
      )}
      {items !== null && items.length === 0 && empty}
      {((items === null && problem === null) || (items !== null && items.length > 0)) && (
        <table className={styles.table} onKeyDown={moveBetweenRows}>
          <caption className="visually-hidden">{label}</caption>
          <thead>
            <tr>
              {columns.map((column) => (
                <Head
                  key={column.name}
                  column={column}
                  active={column.sort !== undefined && sorted === column.sort.value}
                  onSort={onSort}
                />
              ))}
            </tr>
          </thead>
          <tbody>
            {items === null
              ? Array.from({ length: SHAPES }, (_, row) => (
                  <tr key={row} className={styles.row}>
                    {columns.map(({ name }) => (
                      <td key={name} className={styles.cell}>
                        <Skeleton height="16px" width={row % 2 === 0 ? '70%' : '50%'} />
                      </td>
                    ))}
                  </tr>
                ))
              : items.map((item) => (
                  <tr key={item.id} className={styles.row}>
                    {columns.map((column, index) => (
                      <td
                        key={column.name}
                        className={`${styles.cell} ${column.align === 'end' ? styles.end : ''}`}
                        data-label={column.title}
                      >
                        {index === 0 && hrefOf !== undefined ? (
                          <Link href={hrefOf(item)} className={styles.open} data-row-link="">
                            {column.cell(item)}
                          </Link>
                        ) : (
                          column.cell(item)
                        )}
                      </td>
                    ))}
                  </tr>
                ))}
          </tbody>
        </table>
      )}
      {items === null && problem === null && (
        <span role="status" className="visually-hidden">
          {t('app.loading')}
        </span>
      )}
      {more && (
        <div className={styles.more}>
          <Button disabled={loading} onClick={onMore}>
            {t('action.more')}
          </Button>
        </div>
      )}
    </div>
  );
}

function Head<Item>({
  column,
  active,
  onSort,
}: {
  column: Column<Item>;
  active: boolean;
  onSort: ((value: string) => void) | undefined;
}) {
  const { sort, title, align } = column;
  const className = `${styles.head} ${align === 'end' ? styles.end : ''}`;
  if (sort === undefined || onSort === undefined) {
    return (
      <th scope="col" className={className}>
        {title}
      </th>
    );
  }
  const Arrow = sort.falling ? ArrowDown : ArrowUp;
  const order = sort.falling ? 'descending' : 'ascending';
  return (
    <th scope="col" className={className} aria-sort={active ? order : undefined}>
      <button type="button" className={styles.sort} onClick={() => onSort(sort.value)}>
        {title}
        <Arrow size={14} aria-hidden="true" data-active={active} />
      </button>
    </th>
  );
}

function moveBetweenRows(event: KeyboardEvent<HTMLTableElement>): void {
  if (event.key !== 'ArrowDown' && event.key !== 'ArrowUp') return;
  if (!(event.target instanceof HTMLElement) || !event.target.matches('[data-row-link]')) return;
  const links = [...event.currentTarget.querySelectorAll<HTMLElement>('[data-row-link]')];
  links[links.indexOf(event.target) + (event.key === 'ArrowDown' ? 1 : -1)]?.focus();
  event.preventDefault();
}
