import { screen, waitFor } from '@testing-library/react';
import userEvent from '@testing-library/user-event';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { session } from '@/lib/auth/session';
import { accessibilityProblems } from '@/testing/axe';
import { nothing, refuse, serve } from '@/testing/server';
import ForgotPasswordPage from './ForgotPasswordPage';
import ResetPasswordPage from './ResetPasswordPage';
import SignInPage from './SignInPage';
import SignUpPage from './SignUpPage';
import { RULES, show } from './testing';
import VerifyEmailPage from './VerifyEmailPage';

beforeEach(() => {
  history.replaceState(null, '', '/sign-in');
  session.forget();
});
afterEach(() => {
  session.forget();
  vi.unstubAllGlobals();
});

describe('links of mails', () => {
  it('confirm an address once, however often the page renders', async () => {
    history.replaceState(null, '', '/verify-email#token=fresh-1');
    const network = serve({ 'POST /auth/verify-email': nothing });
    const { container } = show(VerifyEmailPage);
    expect(await screen.findByRole('heading', { name: 'Your email is confirmed' })).toBeTruthy();
    expect(network.of('POST /auth/verify-email')).toHaveLength(1);
    expect(location.href).not.toContain('fresh-1');
    expect(await accessibilityProblems(container)).toEqual([]);
  });

  it('that have expired offer another one', async () => {
    history.replaceState(null, '', '/verify-email#token=old-1');
    const network = serve({
      'POST /auth/verify-email': () => refuse(401, 'token_expired'),
      'POST /auth/resend-verification': () => new Response(null, { status: 202 }),
    });
    const { container } = show(VerifyEmailPage);
    expect(await screen.findByRole('heading', { name: 'This link does not work' })).toBeTruthy();
    const user = userEvent.setup();
    await user.type(screen.getByLabelText('Email'), 'ada@example.org');
    await user.click(screen.getByRole('button', { name: 'Send another link' }));
    await waitFor(() => expect(network.of('POST /auth/resend-verification')).toHaveLength(1));
    expect(await accessibilityProblems(container)).toEqual([]);
  });

  it('for a password say the same whether or not there is an account', async () => {
    serve({ 'POST /auth/forgot-password': () => new Response(null, { status: 202 }) });
    const { container } = show(ForgotPasswordPage);
    expect(await accessibilityProblems(container)).toEqual([]);
    const user = userEvent.setup();
    await user.type(screen.getByLabelText('Email'), 'who@example.org');
    await user.click(screen.getByRole('button', { name: 'Send the link' }));
    expect(await screen.findByText(/If who@example.org has an account here/)).toBeTruthy();
  });

  it('set a new password; an expired one leads to another', async () => {
    history.replaceState(null, '', '/reset-password#token=r1');
    const network = serve({
      ...RULES,
      'POST /auth/reset-password': () => refuse(401, 'token_expired'),
    });
    const { container } = show(ResetPasswordPage);
    const user = userEvent.setup();
    await user.type(await screen.findByLabelText('New password'), 'Passw0rd1');
    await user.click(screen.getByRole('button', { name: 'Save password' }));
    expect(await screen.findByRole('link', { name: 'Ask for a new link' })).toBeTruthy();
    expect(await accessibilityProblems(container)).toEqual([]);
    network.on('POST /auth/reset-password', nothing);
    await user.click(screen.getByRole('button', { name: 'Save password' }));
    expect(await screen.findByRole('heading', { name: 'Your password is new' })).toBeTruthy();
    expect(network.of('POST /auth/reset-password')[1]?.body).toEqual({
      token: 'r1',
      password: 'Passw0rd1',
    });
  });
});

it.each([SignInPage, SignUpPage, ForgotPasswordPage, ResetPasswordPage])(
  'the pages of the door have no accessibility problem and no text outside the catalogue',
  async (Page) => {
    history.replaceState(null, '', '/sign-in#token=x');
    serve(RULES);
    const { container } = show(Page, 'pseudo');
    await waitFor(() => expect(container.querySelector('form')).not.toBeNull());
    expect(await accessibilityProblems(container)).toEqual([]);
    const texts = [...container.querySelectorAll('h1, label, a, form p, button')]
      .map((element) => element.textContent)
      .filter((text) => text !== '');
    expect(texts.filter((text) => !text.includes('⟦'))).toEqual([]);
  },
);
