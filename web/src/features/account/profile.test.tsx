import { screen, within } from '@testing-library/react';
import userEvent from '@testing-library/user-event';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { session } from '@/lib/auth/session';
import { accessibilityProblems } from '@/testing/axe';
import { somebody, tokensOf } from '@/testing/people';
import { json, refuse } from '@/testing/server';
import { show, world } from './testing';

beforeEach(() => session.forget());
afterEach(() => {
  session.forget();
  vi.unstubAllGlobals();
});

describe('the profile', () => {
  // Requirements: R53
  it('says what the account is, until when, and since when', async () => {
    world(somebody('creator', { tier: 'premium', tier_expires_at: Date.UTC(2027, 4, 6, 12) }));
    show('profile');
    expect(await screen.findByRole('heading', { name: 'Membership' })).toBeTruthy();
    expect(screen.getByText('ada@example.org')).toBeTruthy();
    const facts = screen.getAllByRole('definition').map((fact) => fact.textContent);
    expect(facts[0]).toMatch(/^Premium, until .*2027/);
    expect(facts[1]).toMatch(/2026/);
  });

  it('is saved with the version that was read', async () => {
    const network = world();
    network.on('PATCH /me', ({ body }) =>
      json({ ...somebody('creator'), ...(body as object) }, 200, { etag: '"v2"' }),
    );
    show('');
    const user = userEvent.setup();
    const name = await screen.findByLabelText('Name');
    await user.clear(name);
    await user.type(name, 'Ada King');
    await user.click(screen.getByRole('button', { name: 'Save' }));
    expect(await screen.findByText('Saved')).toBeTruthy();
    const [sent] = network.of('PATCH /me');
    expect(sent?.headers.get('if-match')).toBe('"v1"');
    expect(sent?.body).toMatchObject({ display_name: 'Ada King' });
    expect(session.state.get().me?.display_name).toBe('Ada King');
  });

  it('that somebody else changed meanwhile asks whose to keep', async () => {
    const network = world();
    let etag = '"v1"';
    network.on('PATCH /me', ({ headers, body }) =>
      headers.get('if-match') === etag
        ? json({ ...somebody('creator'), ...(body as object) }, 200, { etag: '"v3"' })
        : refuse(412, 'version_conflict'),
    );
    show('');
    const user = userEvent.setup();
    const name = await screen.findByLabelText('Name');
    await user.clear(name);
    await user.type(name, 'Ada King');
    etag = '"v2"';
    network.on('GET /me', () =>
      json(somebody('creator', { display_name: 'Countess' }), 200, { etag }),
    );
    await user.click(screen.getByRole('button', { name: 'Save' }));
    const dialog = await screen.findByRole('dialog', { name: 'Somebody else changed this' });
    expect(dialog.textContent).toContain('Ada King');
    expect(dialog.textContent).toContain('Countess');
    expect(await accessibilityProblems(dialog)).toEqual([]);
    await user.click(within(dialog).getByRole('button', { name: 'Save mine' }));
    expect(await screen.findByText('Saved')).toBeTruthy();
    expect(network.of('PATCH /me').map(({ headers }) => headers.get('if-match'))).toEqual([
      '"v1"',
      '"v2"',
    ]);
  });

  it('merges with a change of another part without asking', async () => {
    const network = world();
    network.on('PATCH /me', ({ headers, body }) =>
      headers.get('if-match') === '"v2"'
        ? json({ ...somebody('creator'), ...(body as object) }, 200, { etag: '"v3"' })
        : refuse(412, 'version_conflict'),
    );
    show('');
    const user = userEvent.setup();
    await user.type(await screen.findByLabelText('About you'), 'Engines.');
    network.on('GET /me', () => json(somebody('creator', { region: 'GB' }), 200, { etag: '"v2"' }));
    await user.click(screen.getByRole('button', { name: 'Save' }));
    expect(await screen.findByText('Saved')).toBeTruthy();
    expect(screen.queryByRole('dialog')).toBeNull();
  });

  it('keeps what was typed when the session ends, and saves it after signing in again', async () => {
    const network = world();
    network.on('PATCH /me', () => refuse(401, 'session_ended'));
    network.on('POST /auth/refresh', () => refuse(401, 'session_ended'));
    show('');
    const user = userEvent.setup();
    const bio = await screen.findByLabelText<HTMLTextAreaElement>('About you');
    await user.type(bio, 'Half a sentence');
    await user.click(screen.getByRole('button', { name: 'Save' }));
    expect((await screen.findByRole('alert')).textContent).toContain('Your session has ended');
    expect(session.state.get().status).toBe('ended');
    expect(bio.value).toBe('Half a sentence');
    session.accept(tokensOf(somebody('creator'), 'token-2'));
    network.on('PATCH /me', ({ body }) =>
      json({ ...somebody('creator'), ...(body as object) }, 200, { etag: '"v2"' }),
    );
    await user.click(screen.getByRole('button', { name: 'Save' }));
    expect(await screen.findByText('Saved')).toBeTruthy();
    expect(network.of('PATCH /me').at(-1)?.body).toMatchObject({ bio: 'Half a sentence' });
  });

  it('refuses what is no picture before it is sent', async () => {
    const network = world();
    const { container } = show('');
    await screen.findByLabelText('Name');
    const input = container.querySelector<HTMLInputElement>('input[type="file"]');
    const user = userEvent.setup({ applyAccept: false });
    if (input) await user.upload(input, new File(['x'], 'a.svg', { type: 'image/svg+xml' }));
    expect((await screen.findByRole('alert')).textContent).toContain('Choose a PNG, JPEG or WebP');
    expect(network.of('POST /me/avatar')).toHaveLength(0);
  });
});
