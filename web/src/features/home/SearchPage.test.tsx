import { render, screen, waitFor } from '@testing-library/react';
import userEvent from '@testing-library/user-event';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { accessibilityProblems } from '@/testing/axe';
import { json, serve } from '@/testing/server';
import { card, FakeEvents, page } from '@/testing/streams';
import CategoryPage from './CategoryPage';
import { filtersOf, parametersOf, queryOf } from './filters';
import SearchPage from './SearchPage';

const CATEGORIES = [{ id: 'c', slug: 'chess', name: 'Chess', live_streams: 1 }];

beforeEach(() => FakeEvents.install());
afterEach(() => vi.unstubAllGlobals());

describe('the search page', () => {
  // Requirements: R238, R239, R333
  it('asks for what stands in the address', async () => {
    history.replaceState(
      null,
      '',
      '/search?q=rook&category=chess&status=live&tag=endgame&sort=recent',
    );
    const fake = serve({
      'GET /streams': () => json(page([card('rook')])),
      'GET /streams/categories': () => json(CATEGORIES),
    });
    const { container } = render(<SearchPage />);
    expect(await screen.findByRole('link', { name: 'rook' })).toBeTruthy();
    expect(Object.fromEntries(fake.of('GET /streams')[0]?.query ?? [])).toEqual({
      q: 'rook',
      category: 'chess',
      live: 'true',
      tag: 'endgame',
      sort: 'recent',
      limit: '24',
    });
    expect(screen.getByRole('heading', { level: 1 }).textContent).toBe('“rook”');
    expect(screen.getByRole('status').textContent).toBe('1 stream');
    expect(await accessibilityProblems(container)).toEqual([]);
  });

  it('puts a filter into the address, and takes it away again', async () => {
    const user = userEvent.setup();
    history.replaceState(null, '', '/search?q=rook&tag=endgame');
    serve({
      'GET /streams': () => json(page([card('rook')])),
      'GET /streams/categories': () => json(CATEGORIES),
    });
    render(<SearchPage />);
    await user.click(await screen.findByRole('radio', { name: 'Live' }));
    await screen.findByRole('option', { name: 'Chess' });
    await user.selectOptions(screen.getByLabelText('Category'), 'chess');
    expect(location.search).toBe('?q=rook&status=live&category=chess&tag=endgame');
    await user.click(screen.getByRole('button', { name: 'Remove the tag endgame' }));
    expect(location.search).toBe('?q=rook&status=live&category=chess');
  });

  it('offers to clear the filters when nothing matches', async () => {
    history.replaceState(null, '', '/search?q=rook&status=live');
    serve({
      'GET /streams': () => json(page([])),
      'GET /streams/categories': () => json([]),
    });
    const { container } = render(<SearchPage />);
    await userEvent.click(await screen.findByRole('button', { name: 'Clear the filters' }));
    expect(location.search).toBe('?q=rook');
    expect(await accessibilityProblems(container)).toEqual([]);
  });

  it('reads nothing from an address that makes no sense', () => {
    const filters = filtersOf(new URLSearchParams('status=soon&sort=luck'));
    expect(parametersOf(filters)).toEqual({});
    expect(queryOf(filters)).toEqual({ sort: 'viewers', limit: 24 });
  });
});

describe('the page of a category', () => {
  // Requirements: R240
  it('shows what is live in it before what is not', async () => {
    serve({
      'GET /streams': ({ query }) =>
        json(page([card(query.get('live') === 'true' ? 'now' : 'then')])),
      'GET /streams/categories': () => json(CATEGORIES),
    });
    const { container } = render(<CategoryPage slug="chess" />);
    expect(await screen.findByRole('heading', { level: 1, name: 'Chess' })).toBeTruthy();
    await waitFor(() =>
      expect(screen.getAllByRole('heading', { level: 3 }).map((h) => h.textContent)).toEqual([
        'now',
        'then',
      ]),
    );
    expect(await accessibilityProblems(container)).toEqual([]);
  });

  it('says that there is no such category', async () => {
    serve({
      'GET /streams': () => json(page([])),
      'GET /streams/categories': () => json(CATEGORIES),
    });
    render(<CategoryPage slug="nothing" />);
    expect(await screen.findByRole('heading', { name: 'There is no such category' })).toBeTruthy();
  });
});
