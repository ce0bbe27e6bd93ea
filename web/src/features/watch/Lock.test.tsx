import { screen, waitFor } from '@testing-library/react';
import userEvent from '@testing-library/user-event';
import { describe, expect, it } from 'vitest';
import { session } from '@/lib/auth/session';
import { accessibilityProblems } from '@/testing/axe';
import { somebody, tokensOf } from '@/testing/people';
import { json, refuse } from '@/testing/server';
import { bearer, network, show, stage, TOKEN } from './test-stage';

stage();

describe('a stream that is not for everybody', () => {
  // Requirements: R41, R43
  it('asks strangers to sign in', async () => {
    session.forget();
    network(
      { access: 'premium', locked: true },
      { [TOKEN]: () => refuse(401, 'sign_in_required') },
    );
    const { container } = show();
    const door = await screen.findByRole('link', { name: 'Sign in' });
    expect(door.getAttribute('href')).toBe('/sign-in?next=%2Fwatch%2Fbird-house');
    expect(await accessibilityProblems(container)).toEqual([]);
  });

  // Requirements: R38, R39, R42
  it('says that a tier is missing', async () => {
    session.accept(tokensOf(somebody()));
    network({ access: 'vip', locked: true }, { [TOKEN]: () => refuse(403, 'tier_required') });
    const { container } = show();
    expect(await screen.findByRole('heading', { name: 'For VIP members' })).toBeTruthy();
    expect(await accessibilityProblems(container)).toEqual([]);
  });

  it('opens for who knows the password, and shows the token at the media endpoint', async () => {
    const user = userEvent.setup();
    session.forget();
    const fake = network(
      { access: 'password', locked: true },
      {
        [TOKEN]: ({ body }) => {
          const { password } = body as { password?: string };
          if (password === 'swordfish') return json({ token: 'pt', expires_in: 600 });
          return refuse(403, password === undefined ? 'password_required' : 'password_wrong');
        },
      },
    );
    const { container } = show();
    await user.type(await screen.findByLabelText('Password'), 'marlin{Enter}');
    expect(await screen.findByText(/That is not the password/)).toBeTruthy();
    expect(await accessibilityProblems(container)).toEqual([]);
    await user.clear(screen.getByLabelText('Password'));
    await user.type(screen.getByLabelText('Password'), 'swordfish{Enter}');
    await waitFor(() => expect(bearer(fake)).toEqual(['Bearer pt']));
    expect(fake.of(TOKEN)).toHaveLength(3);
  });

  it('opens at once for who follows', async () => {
    session.accept(tokensOf(somebody()));
    let follows = false;
    const fake = network(
      { access: 'followers', locked: true },
      {
        'POST /social/follow': () => {
          follows = true;
          return json({ following: true, followers: 2 });
        },
        [TOKEN]: () =>
          follows ? json({ token: 'pt', expires_in: 600 }) : refuse(403, 'follow_required'),
      },
    );
    const { container } = show();
    await screen.findByRole('heading', { name: 'For followers of Mira Holz' });
    expect(await accessibilityProblems(container)).toEqual([]);
    const [button] = screen.getAllByRole('button', { name: 'Follow Mira Holz' });
    await userEvent.click(button as HTMLElement);
    await waitFor(() => expect(bearer(fake)).toEqual(['Bearer pt']));
  });

  // Requirements: R55
  it('for adults is asked about once', async () => {
    session.forget();
    const fake = network({ maturity: 'mature' });
    const { container, unmount } = show();
    await screen.findByRole('heading', { name: 'This stream is for adults' });
    expect(bearer(fake)).toEqual([]);
    expect(await accessibilityProblems(container)).toEqual([]);
    await userEvent.click(screen.getByRole('button', { name: 'Watch anyway' }));
    await waitFor(() => expect(bearer(fake)).toEqual([null]));
    unmount();
    show();
    await screen.findByRole('heading', { level: 1 });
    expect(screen.queryByRole('button', { name: 'Watch anyway' })).toBeNull();
  });
});
