// What is searched for stands in the address, so that it can be shared, kept and gone back to.

import { SORTS, type Sort, type StreamQuery } from '@/lib/streams/catalogue';

export interface Filters {
  q: string;
  status: 'all' | 'live' | 'offline';
  category: string;
  tag: string;
  sort: Sort;
}

const STATUS: readonly Filters['status'][] = ['all', 'live', 'offline'];

export function filtersOf(parameters: URLSearchParams): Filters {
  return {
    q: parameters.get('q') ?? '',
    status: STATUS.find((status) => status === parameters.get('status')) ?? 'all',
    category: parameters.get('category') ?? '',
    tag: parameters.get('tag') ?? '',
    sort: SORTS.find((sort) => sort === parameters.get('sort')) ?? 'viewers',
  };
}

/** Only what differs from the usual, so that addresses stay short. */
export function parametersOf(filters: Filters): Record<string, string> {
  const usual = filtersOf(new URLSearchParams());
  return Object.fromEntries(
    (Object.keys(filters) as (keyof Filters)[])
      .filter((name) => filters[name] !== usual[name])
      .map((name) => [name, filters[name]]),
  );
}

export function queryOf(filters: Filters): StreamQuery {
  const { q, status, category, tag, sort } = filters;
  return {
    sort,
    limit: 24,
    ...(q === '' ? {} : { q }),
    ...(category === '' ? {} : { category }),
    ...(tag === '' ? {} : { tag }),
    ...(status === 'all' ? {} : { live: status === 'live' }),
  };
}
