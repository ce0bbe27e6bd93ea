import { act, render, screen } from '@testing-library/react';
import userEvent from '@testing-library/user-event';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { Link } from 'wouter';
import { session } from '@/lib/auth/session';
import { accessibilityProblems } from '@/testing/axe';
import { somebody, tokensOf } from '@/testing/people';
import { json, serve } from '@/testing/server';
import { card, page } from '@/testing/streams';
import { Shell } from './Shell';

function show() {
  return render(
    <Shell account={null}>
      <h1>Page</h1>
      <Link href="/search">elsewhere</Link>
    </Shell>,
  );
}

beforeEach(() => {
  history.replaceState(null, '', '/');
  session.forget();
  serve({
    'GET /streams': ({ query }) =>
      json(page(query.get('q') === 'bird' ? [card('bird-house'), card('bird-song')] : [])),
  });
  vi.spyOn(window, 'scrollTo').mockImplementation(() => undefined);
});
afterEach(() => {
  session.forget();
  vi.unstubAllGlobals();
  vi.restoreAllMocks();
});

describe('the search of the top bar', () => {
  // Requirements: R238, R246
  it('is reached by / and leads to all results by Enter', async () => {
    const user = userEvent.setup();
    show();
    await user.keyboard('/');
    expect(document.activeElement).toBe(screen.getByRole('combobox'));
    await user.keyboard('rook endings{Enter}');
    expect(location.pathname + location.search).toBe('/search?q=rook+endings');
  });

  it('suggests streams, which arrows and Enter choose', async () => {
    const user = userEvent.setup();
    const { container } = show();
    await user.type(screen.getByRole('combobox'), 'bird');
    await screen.findByRole('option', { name: /bird-song/ });
    expect(await accessibilityProblems(container)).toEqual([]);
    await user.keyboard('{ArrowDown}{ArrowDown}');
    const chosen = screen.getByRole('option', { selected: true });
    expect(chosen.textContent).toContain('bird-song');
    expect(screen.getByRole('combobox').getAttribute('aria-activedescendant')).toBe(chosen.id);
    await user.keyboard('{Enter}');
    expect(location.pathname).toBe('/watch/bird-song');
    expect(screen.queryByRole('listbox')).toBeNull();
  });

  it('hides its suggestions by Escape and keeps what was typed', async () => {
    const user = userEvent.setup();
    show();
    await user.type(screen.getByRole('combobox'), 'bird');
    await screen.findByRole('listbox');
    await user.keyboard('{Escape}');
    expect(screen.queryByRole('listbox')).toBeNull();
    expect(screen.getByRole('combobox')).toHaveProperty('value', 'bird');
  });
});

describe('the frame', () => {
  it('begins with a link to the content and puts the focus there on another page', async () => {
    const user = userEvent.setup();
    const { container } = show();
    await user.tab();
    expect(document.activeElement?.textContent).toBe('Skip to the content');
    (document.activeElement as HTMLElement).blur();
    await user.click(screen.getByRole('link', { name: 'Search' }));
    expect(document.activeElement).toBe(screen.getByRole('main'));
    expect(window.scrollTo).toHaveBeenCalledExactlyOnceWith(0, 0);
    expect(await accessibilityProblems(container)).toEqual([]);
  });

  it('has the library for those who are signed in', () => {
    show();
    expect(screen.queryByRole('link', { name: 'Library' })).toBeNull();
    act(() => session.accept(tokensOf(somebody())));
    expect(screen.getByRole('link', { name: 'Library' }).getAttribute('href')).toBe(
      '/library/history',
    );
  });

  it('says that there is no network as long as there is none', () => {
    const online = vi.spyOn(navigator, 'onLine', 'get').mockReturnValue(false);
    show();
    expect(screen.getByText(/You are offline/)).toBeTruthy();
    online.mockReturnValue(true);
    act(() => void window.dispatchEvent(new Event('online')));
    expect(screen.queryByText(/You are offline/)).toBeNull();
  });
});
