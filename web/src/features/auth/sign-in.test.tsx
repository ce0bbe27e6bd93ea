import { render, screen, waitFor, within } from '@testing-library/react';
import userEvent from '@testing-library/user-event';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { session } from '@/lib/auth/session';
import { I18nProvider } from '@/messages/i18n';
import { accessibilityProblems } from '@/testing/axe';
import { somebody, tokensOf } from '@/testing/people';
import { json, nothing, refuse, serve } from '@/testing/server';
import { landingOf } from './landing';
import SessionEnded from './SessionEnded';
import ResetPasswordPage from './ResetPasswordPage';
import SignInPage from './SignInPage';
import { RULES, show } from './testing';

beforeEach(() => {
  history.replaceState(null, '', '/sign-in');
  session.forget();
});
afterEach(() => {
  session.forget();
  vi.unstubAllGlobals();
});

async function typePassword(password = 'Passw0rd1') {
  const user = userEvent.setup();
  await user.type(screen.getByLabelText('Email'), 'ada@example.org');
  await user.type(screen.getByLabelText('Password'), password);
  await user.click(screen.getByRole('button', { name: 'Sign in' }));
  return user;
}

describe('signing in', () => {
  it('leads back to where one came from', async () => {
    history.replaceState(null, '', '/sign-in?next=%2Fsettings%2Fsecurity');
    const network = serve({
      ...RULES,
      'POST /auth/sign-in': () => json(tokensOf(somebody())),
    });
    show(SignInPage);
    await typePassword();
    await waitFor(() => expect(location.pathname).toBe('/settings/security'));
    expect(network.of('POST /auth/sign-in')[0]?.body).toMatchObject({
      email: 'ada@example.org',
      password: 'Passw0rd1',
    });
  });

  it('never leads to another site, and else to where the work of the role is', () => {
    expect(landingOf('viewer', 'https://evil.example')).toBe('/');
    expect(landingOf('creator', '//evil.example')).toBe('/studio');
    expect(landingOf('admin', null)).toBe('/admin');
  });

  it('says that the password is wrong and keeps what was typed', async () => {
    serve({ ...RULES, 'POST /auth/sign-in': () => refuse(401, 'invalid_credentials') });
    show(SignInPage);
    await typePassword('wrong');
    expect((await screen.findByRole('alert')).textContent).toBe('Email or password is wrong.');
    expect(screen.getByLabelText<HTMLInputElement>('Email').value).toBe('ada@example.org');
    expect(screen.getByLabelText<HTMLInputElement>('Password').value).toBe('wrong');
  });

  it('leads to a new password where the old one has expired', async () => {
    const network = serve({
      ...RULES,
      'POST /auth/sign-in': () => refuse(403, 'password_expired', { reset_token: 'e/1' }),
      'POST /auth/reset-password': nothing,
    });
    const door = show(SignInPage);
    const user = await typePassword();
    await waitFor(() => expect(location.pathname).toBe('/reset-password'));
    door.unmount();
    const { container } = show(ResetPasswordPage);
    expect(screen.getByText(/Your password has expired/)).toBeTruthy();
    expect(location.href).not.toContain('e/1');
    expect(location.href).not.toContain('e%2F1');
    expect(await accessibilityProblems(container)).toEqual([]);
    await user.type(screen.getByLabelText('New password'), 'Passw0rd2');
    await user.click(screen.getByRole('button', { name: 'Save password' }));
    expect(await screen.findByRole('link', { name: 'Sign in' })).toBeTruthy();
    expect(network.of('POST /auth/reset-password')[0]?.body).toEqual({
      token: 'e/1',
      password: 'Passw0rd2',
    });
  });

  it('asks for a code where there is a second factor, and takes a backup code instead', async () => {
    const network = serve({
      ...RULES,
      'POST /auth/sign-in': () => json({ mfa_token: 'm1', methods: ['totp', 'backup_code'] }, 202),
      'POST /auth/mfa': ({ body }) =>
        (body as { code: string }).code === 'abcd-efgh'
          ? json(tokensOf(somebody()))
          : refuse(401, 'mfa_wrong'),
    });
    const { container } = show(SignInPage);
    const user = await typePassword();
    const code = await screen.findByLabelText('Code');
    expect(code.getAttribute('autocomplete')).toBe('one-time-code');
    expect(document.activeElement).toBe(code);
    expect(await accessibilityProblems(container)).toEqual([]);
    await user.type(code, '123 456');
    await user.click(screen.getByRole('button', { name: 'Continue' }));
    expect((await screen.findByRole('alert')).textContent).toContain('This code is not right');
    await user.click(screen.getByRole('button', { name: 'Use a backup code' }));
    await user.type(screen.getByLabelText('Backup code'), 'abcd-efgh');
    await user.click(screen.getByRole('button', { name: 'Continue' }));
    await waitFor(() => expect(session.state.get().status).toBe('signed-in'));
    expect(network.of('POST /auth/mfa').map(({ body }) => body)).toEqual([
      { mfa_token: 'm1', code: '123456' },
      { mfa_token: 'm1', code: 'abcd-efgh' },
    ]);
  });

  it('begins again when the code came too late', async () => {
    serve({
      ...RULES,
      'POST /auth/sign-in': () => json({ mfa_token: 'm1', methods: ['totp'] }, 202),
      'POST /auth/mfa': () => refuse(401, 'token_expired'),
    });
    show(SignInPage);
    const user = await typePassword();
    await user.type(await screen.findByLabelText('Code'), '123456');
    await user.click(screen.getByRole('button', { name: 'Continue' }));
    expect(await screen.findByText(/That took too long/)).toBeTruthy();
    expect(screen.getByLabelText('Password')).toBeTruthy();
  });

  it('says what to do when the server cannot be reached', async () => {
    serve({ ...RULES, 'POST /auth/sign-in': () => Promise.reject(new TypeError('offline')) });
    show(SignInPage);
    await typePassword();
    expect((await screen.findByRole('alert')).textContent).toContain(
      'The server cannot be reached',
    );
  });

  it('lists what is missing and leads to each field', async () => {
    serve(RULES);
    show(SignInPage);
    const user = userEvent.setup();
    await user.click(screen.getByRole('button', { name: 'Sign in' }));
    const summary = screen.getByRole('alert');
    expect(document.activeElement).toBe(summary);
    await user.click(within(summary).getByRole('button', { name: 'Enter your password' }));
    const password = screen.getByLabelText('Password');
    expect(document.activeElement).toBe(password);
    const note = document.getElementById(password.getAttribute('aria-describedby') ?? '');
    expect(note?.textContent).toBe('Enter your password');
  });
});

describe('a session that has ended', () => {
  it('is taken up again without leaving the page', async () => {
    serve({ 'POST /auth/refresh': () => refuse(401, 'session_ended') });
    session.accept(tokensOf(somebody()));
    await session.renew('token-1');
    serve({ 'POST /auth/sign-in': () => json(tokensOf(somebody(), 'token-2')) });
    render(
      <I18nProvider initial="en">
        <textarea aria-label="Description" defaultValue="half a sentence" />
        <SessionEnded />
      </I18nProvider>,
    );
    const dialog = screen.getByRole('dialog', { name: 'Your session has ended' });
    expect(within(dialog).getByLabelText<HTMLInputElement>('Email').readOnly).toBe(true);
    const user = userEvent.setup();
    await user.type(within(dialog).getByLabelText('Password'), 'Passw0rd1');
    await user.click(within(dialog).getByRole('button', { name: 'Sign in' }));
    await waitFor(() => expect(screen.queryByRole('dialog')).toBeNull());
    expect(screen.getByLabelText<HTMLTextAreaElement>('Description').value).toBe('half a sentence');
    expect(await session.token()).toBe('token-2');
  });
});
