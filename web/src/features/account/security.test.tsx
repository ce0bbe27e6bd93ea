import { screen, waitFor, within } from '@testing-library/react';
import userEvent from '@testing-library/user-event';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { session } from '@/lib/auth/session';
import { accessibilityProblems } from '@/testing/axe';
import { somebody } from '@/testing/people';
import { json, nothing, refuse } from '@/testing/server';
import { KEY, show, world } from './testing';

beforeEach(() => session.forget());
afterEach(() => {
  session.forget();
  vi.unstubAllGlobals();
});

describe('security', () => {
  it('turns the second step on by a code and shows the backup codes once', async () => {
    const me = somebody('creator');
    const network = world(me);
    network.on('POST /me/totp', () =>
      json({ secret: 'JBSWY3DPEHPK3PXP', otpauth_url: 'otpauth://totp/x?secret=JBSWY3DPEHPK3PXP' }),
    );
    network.on('POST /me/totp/confirm', ({ body }) =>
      (body as { code: string }).code === '123456'
        ? json({ backup_codes: Array.from({ length: 10 }, (_, at) => `code-${at}`) })
        : refuse(422, 'mfa_wrong'),
    );
    const { container } = show('security');
    const user = userEvent.setup();
    await user.click(await screen.findByRole('button', { name: 'Set it up' }));
    expect(await screen.findByRole('img', { name: /QR code/ })).toBeTruthy();
    const code = screen.getByLabelText('Code of the app');
    await user.type(code, '000000');
    await user.click(screen.getByRole('button', { name: 'Turn on' }));
    expect((await screen.findByRole('alert')).textContent).toContain('not right');
    network.on('GET /me', () =>
      json({ ...me, mfa: { totp: true, backup_codes_left: 10, required: false } }),
    );
    await user.clear(code);
    await user.type(code, '123 456');
    await user.click(screen.getByRole('button', { name: 'Turn on' }));
    expect(await screen.findByText('code-9')).toBeTruthy();
    expect(await accessibilityProblems(container)).toEqual([]);
    const done = screen.getByRole<HTMLButtonElement>('button', { name: 'Done' });
    expect(done.disabled).toBe(true);
    await user.click(screen.getByRole('checkbox', { name: 'I have kept them in a safe place' }));
    await user.click(done);
    expect(screen.queryByText('code-9')).toBeNull();
    expect(screen.getByText('10 backup codes are left.')).toBeTruthy();
  });

  it('ends one other session and never offers to end the one in use', async () => {
    const network = world();
    network.on('DELETE /me/sessions/s2', nothing);
    show('security');
    const user = userEvent.setup();
    await user.click(
      await screen.findByRole('button', { name: 'End the session on Safari, iPhone' }),
    );
    await waitFor(() => expect(screen.queryByText('Safari, iPhone')).toBeNull());
    expect(screen.queryByRole('button', { name: /End the session on Firefox/ })).toBeNull();
    expect(network.of('DELETE /me/sessions/s2')).toHaveLength(1);
  });
});

describe('API keys', () => {
  it('are shown once, with what they may do and until when', async () => {
    const network = world();
    network.on('POST /me/api-keys', () =>
      json({ key: 'sl_secret', api_key: { ...KEY, id: 'k2', name: 'Deck' } }, 201),
    );
    show('api-keys');
    const user = userEvent.setup();
    await user.click(await screen.findByRole('button', { name: 'New key' }));
    await user.type(screen.getByLabelText('Name'), 'Deck');
    await user.click(screen.getByRole('button', { name: 'Create key' }));
    expect(screen.getByText('Choose one thing at least')).toBeTruthy();
    expect(screen.queryByRole('checkbox', { name: 'Act as an administrator' })).toBeNull();
    await user.click(screen.getByRole('checkbox', { name: 'Go live' }));
    await user.click(screen.getByRole('button', { name: 'Create key' }));
    expect(await screen.findByText('sl_secret')).toBeTruthy();
    const sent = network.of('POST /me/api-keys')[0]?.body as {
      scopes: string[];
      expires_at: number;
    };
    expect(sent.scopes).toEqual(['publish']);
    expect(Math.round((sent.expires_at - Date.now()) / 86_400_000)).toBe(90);
    await user.click(screen.getByRole('button', { name: 'I have copied it' }));
    expect(screen.queryByText('sl_secret')).toBeNull();
  });
});

describe('the account', () => {
  it('is deleted only with the handle typed and the password', async () => {
    const network = world();
    network.on('DELETE /me', nothing);
    show('account');
    const user = userEvent.setup();
    await user.click(await screen.findByRole('button', { name: 'Delete account' }));
    const dialog = screen.getByRole('dialog', { name: 'Delete account' });
    const go = within(dialog).getByRole<HTMLButtonElement>('button', { name: 'Delete account' });
    await user.type(within(dialog).getByLabelText('Current password'), 'Passw0rd1');
    expect(go.disabled).toBe(true);
    await user.type(within(dialog).getByLabelText('Type ada to confirm'), 'ada');
    await user.click(go);
    await waitFor(() => expect(session.state.get().status).toBe('anonymous'));
    expect(network.of('DELETE /me')[0]?.body).toEqual({ password: 'Passw0rd1' });
  });

  it('keeps its session when the current password was wrong', async () => {
    const network = world();
    network.on('PUT /me/password', () => refuse(401, 'invalid_credentials'));
    show('account');
    const user = userEvent.setup();
    const form = await screen.findByRole('form', { name: 'Password' });
    await user.type(within(form).getByLabelText('Current password'), 'nope');
    await user.type(within(form).getByLabelText('New password'), 'Passw0rd2');
    await user.click(within(form).getByRole('button', { name: 'Change password' }));
    expect((await within(form).findByRole('alert')).textContent).toContain('wrong');
    expect(session.state.get().status).toBe('signed-in');
  });
});
