import { render, screen, waitFor, within } from '@testing-library/react';
import userEvent from '@testing-library/user-event';
import { afterEach, describe, expect, it, vi } from 'vitest';
import { accessibilityProblems } from '@/testing/axe';
import { json, nothing, refuse, serve } from '@/testing/server';
import { card, page } from '@/testing/streams';
import LibraryPage from './LibraryPage';

const WATCHED = {
  id: 'h1',
  stream: card('tour'),
  started_at: Date.now() - 3_600_000,
  duration_watched: 600,
};

afterEach(() => vi.unstubAllGlobals());

describe('the history', () => {
  // Requirements: R56, R57
  it('lists what was watched and leaves out what is gone', async () => {
    serve({
      'GET /me/history': () => json(page([WATCHED, { ...WATCHED, id: 'h2', stream: null }])),
    });
    const { container } = render(<LibraryPage shelf={undefined} />);
    expect(await screen.findByText('1 hour ago, watched 10 min')).toBeTruthy();
    expect(screen.getAllByRole('link', { name: 'tour' })).toHaveLength(1);
    expect(await accessibilityProblems(container)).toEqual([]);
  });

  it('is forgotten after a question', async () => {
    const user = userEvent.setup();
    const other = { ...WATCHED, id: 'h2', stream: card('chess') };
    const fake = serve({
      'GET /me/history': () => json(page([WATCHED, other])),
      'DELETE /me/history': () => nothing(),
    });
    const { container } = render(<LibraryPage shelf="history" />);
    await user.click(await screen.findByRole('button', { name: 'Clear history' }));
    expect(fake.of('DELETE /me/history')).toHaveLength(0);
    expect(await accessibilityProblems(container)).toEqual([]);
    const dialog = screen.getByRole('dialog');
    await user.click(within(dialog).getByRole('button', { name: 'Clear history' }));
    expect(await screen.findByRole('heading', { name: 'Nothing watched yet' })).toBeTruthy();
    expect(fake.of('DELETE /me/history')).toHaveLength(1);
  });
});

describe('a shelf', () => {
  // Requirements: R57
  it('gives streams back, and keeps one that the server did not let go', async () => {
    const user = userEvent.setup();
    const item = (name: string) => ({ kind: 'saved', since: 0, stream: card(name) });
    serve({
      'GET /me/library': ({ query }) =>
        json(page(query.get('kind') === 'saved' ? [item('tour'), item('chess')] : [])),
      'DELETE /me/library/saved/0199-tour': () => nothing(),
      'DELETE /me/library/saved/0199-chess': () => refuse(503, 'unavailable'),
    });
    const { container } = render(<LibraryPage shelf="saved" />);
    await user.click(await screen.findByRole('button', { name: 'Remove tour' }));
    await waitFor(() => expect(screen.queryByRole('link', { name: 'tour' })).toBeNull());
    await user.click(screen.getByRole('button', { name: 'Remove chess' }));
    expect((await screen.findByRole('alert')).textContent).toContain('cannot reach its database');
    expect(screen.getByRole('link', { name: 'chess' })).toBeTruthy();
    expect(await accessibilityProblems(container)).toEqual([]);
  });

  it('that is empty says how to fill it', async () => {
    serve({ 'GET /me/library': () => json(page([])) });
    const { container } = render(<LibraryPage shelf="favorites" />);
    expect(await screen.findByRole('heading', { name: 'No favorites yet' })).toBeTruthy();
    expect(await accessibilityProblems(container)).toEqual([]);
  });
});
