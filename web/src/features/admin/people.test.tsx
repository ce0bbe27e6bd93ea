import { screen, waitFor, within } from '@testing-library/react';
import userEvent from '@testing-library/user-event';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { session } from '@/lib/auth/session';
import { accessibilityProblems } from '@/testing/axe';
import { somebody, tokensOf } from '@/testing/people';
import { refuse, serve } from '@/testing/server';
import { list, person, show, world } from './testing';

beforeEach(() => session.forget());
afterEach(() => {
  session.forget();
  vi.unstubAllGlobals();
});

describe('the door of the administration', () => {
  it('sends strangers to sign in and brings them back', () => {
    serve({});
    show('/admin/users?q=ada');
    expect(location.pathname + location.search).toBe(
      `/sign-in?next=${encodeURIComponent('/admin/users?q=ada')}`,
    );
  });

  it('is closed to viewers', async () => {
    session.accept(tokensOf(somebody('viewer')));
    const network = serve({});
    const { container } = show('/admin');
    expect(
      await screen.findByRole('heading', { name: 'This page is not for your account' }),
    ).toBeTruthy();
    expect(network.sent).toEqual([]);
    expect(await accessibilityProblems(container)).toEqual([]);
  });

  it('shows moderators only the rooms that they may enter', async () => {
    session.accept(
      tokensOf(somebody('moderator', { permissions: ['read_accounts', 'read_all_streams'] })),
    );
    serve({ 'GET /admin/accounts': () => list([person(1, { email: null })]) });
    show('/admin');
    expect(await screen.findByText('Person 1')).toBeTruthy();
    const menu = screen.getByRole('navigation', { name: 'Administration' });
    expect(
      within(menu)
        .getAllByRole('link')
        .map((link) => link.textContent),
    ).toEqual(['People', 'Streams', 'Recordings']);
    expect(screen.queryByRole('button', { name: 'Invite' })).toBeNull();
  });
});

describe('the list of people', () => {
  it('keeps search, filters and order in the address', async () => {
    const network = world();
    show('/admin/users?role=creator');
    await screen.findByText('Person 1');
    const user = userEvent.setup();
    await user.type(screen.getByRole('searchbox'), 'ada');
    await user.selectOptions(screen.getByRole('combobox', { name: 'Any state' }), 'disabled');
    await user.click(screen.getByRole('button', { name: 'Email' }));
    await waitFor(() =>
      expect(Object.fromEntries(network.of('GET /admin/accounts').at(-1)?.query ?? [])).toEqual({
        q: 'ada',
        role: 'creator',
        state: 'disabled',
        sort: 'email',
      }),
    );
    expect(location.search).toBe('?role=creator&q=ada&state=disabled&sort=email');
    expect(screen.getByRole('columnheader', { name: 'Email' }).getAttribute('aria-sort')).toBe(
      'ascending',
    );
  });

  it('moves between rows by arrows', async () => {
    world();
    show('/admin/users');
    const first = await screen.findByRole('link', { name: /Person 1/ });
    first.focus();
    await userEvent.keyboard('{ArrowDown}');
    expect(document.activeElement?.textContent).toContain('Person 2');
  });

  it('loads more at its end', async () => {
    const network = world();
    network.on('GET /admin/accounts', ({ query }) =>
      query.get('cursor') === 'c2' ? list([person(2)]) : list([person(1)], 'c2'),
    );
    show('/admin/users');
    await userEvent.click(await screen.findByRole('button', { name: 'Show more' }));
    expect(await screen.findByText('Person 2')).toBeTruthy();
    expect(screen.getByText('Person 1')).toBeTruthy();
    expect(screen.queryByRole('button', { name: 'Show more' })).toBeNull();
  });

  it('says that nothing matches, and what is wrong', async () => {
    const network = world();
    network.on('GET /admin/accounts', () => list([]));
    show('/admin/users?q=zzz').unmount();
    const { unmount } = show('/admin/users?q=zzz');
    await userEvent.click(await screen.findByRole('button', { name: 'Clear filters' }));
    expect(location.search).toBe('');
    unmount();
    network.on('GET /admin/accounts', () => refuse(503, 'unavailable'));
    show('/admin/users');
    expect((await screen.findByRole('alert')).textContent).toContain('cannot reach its database');
    network.on('GET /admin/accounts', () => list([person(3)]));
    await userEvent.click(screen.getByRole('button', { name: 'Try again' }));
    expect(await screen.findByText('Person 3')).toBeTruthy();
  });
});
