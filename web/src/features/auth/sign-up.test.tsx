import { screen, waitFor } from '@testing-library/react';
import userEvent from '@testing-library/user-event';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { session } from '@/lib/auth/session';
import { accessibilityProblems } from '@/testing/axe';
import { rules, somebody, tokensOf } from '@/testing/people';
import { json, refuse, serve } from '@/testing/server';
import SignUpPage from './SignUpPage';
import { RULES, show } from './testing';

beforeEach(() => {
  history.replaceState(null, '', '/sign-in');
  session.forget();
});
afterEach(() => {
  session.forget();
  vi.unstubAllGlobals();
});

describe('signing up', () => {
  const open = () => json(rules({ terms: { id: 't1', version: '1', title: 'House rules' } }));

  it('suggests a handle, demands the terms and says where the mail went', async () => {
    const network = serve({
      'GET /server': open,
      'POST /auth/sign-up': () => json({ verification: 'sent' }, 202),
    });
    const { container } = show(SignUpPage);
    const user = userEvent.setup();
    await user.type(await screen.findByLabelText('Name'), 'Zoë van Dyk');
    expect(screen.getByLabelText<HTMLInputElement>('Handle').value).toBe('zoe-van-dyk');
    await user.type(screen.getByLabelText('Email'), 'zoe@example.org');
    await user.type(screen.getByLabelText('Password'), 'Passw0rd1');
    await user.click(screen.getByRole('button', { name: 'Create account' }));
    expect(screen.getByText('Accept the terms to go on')).toBeTruthy();
    expect(network.of('POST /auth/sign-up')).toHaveLength(0);
    await user.click(screen.getByRole('checkbox', { name: 'I accept: House rules.' }));
    expect(await accessibilityProblems(container)).toEqual([]);
    await user.click(screen.getByRole('button', { name: 'Create account' }));
    expect(await screen.findByText(/on its way to zoe@example.org/)).toBeTruthy();
    expect(network.of('POST /auth/sign-up')[0]?.body).toEqual({
      display_name: 'Zoë van Dyk',
      email: 'zoe@example.org',
      handle: 'zoe-van-dyk',
      password: 'Passw0rd1',
      terms_document_id: 't1',
    });
  });

  it('shows what the server refuses next to its field', async () => {
    serve({
      ...RULES,
      'POST /auth/sign-up': () =>
        refuse(422, 'invalid_input', {
          errors: [{ field: 'handle', code: 'taken', message: 'taken' }],
        }),
    });
    show(SignUpPage);
    const user = userEvent.setup();
    await user.type(await screen.findByLabelText('Name'), 'Ada');
    await user.type(screen.getByLabelText('Email'), 'ada@example.org');
    await user.type(screen.getByLabelText('Password'), 'Passw0rd1');
    await user.click(screen.getByRole('button', { name: 'Create account' }));
    const handle = screen.getByLabelText('Handle');
    await waitFor(() => expect(handle.getAttribute('aria-invalid')).toBe('true'));
    expect(screen.getByText('Somebody has this already')).toBeTruthy();
    await user.type(handle, '2');
    expect(handle.getAttribute('aria-invalid')).toBe('false');
  });

  it('is closed where accounts are made by others, and open to an invitation', async () => {
    serve({ 'GET /server': () => json(rules({ signup_mode: 'closed' })) });
    show(SignUpPage).unmount();
    show(SignUpPage);
    expect(await screen.findByRole('heading', { name: 'No new accounts here' })).toBeTruthy();
  });

  it('takes the invitation out of the address', async () => {
    history.replaceState(null, '', '/sign-up#token=inv-1');
    const network = serve({
      'GET /server': () => json(rules({ signup_mode: 'invite' })),
      'POST /auth/sign-up': () => json(tokensOf(somebody())),
    });
    show(SignUpPage);
    const user = userEvent.setup();
    await user.type(await screen.findByLabelText('Name'), 'Ada');
    expect(location.hash).toBe('');
    await user.type(screen.getByLabelText('Email'), 'ada@example.org');
    await user.type(screen.getByLabelText('Password'), 'Passw0rd1');
    await user.click(screen.getByRole('button', { name: 'Create account' }));
    await waitFor(() =>
      expect(network.of('POST /auth/sign-up')[0]?.body).toMatchObject({ invite: 'inv-1' }),
    );
  });
});

it('says that a request waits where somebody looks at each', async () => {
  serve({
    'GET /server': () => json(rules({ signup_mode: 'approval' })),
    'POST /auth/sign-up': () => json({ verification: 'approval' }, 202),
  });
  show(SignUpPage);
  const user = userEvent.setup();
  await user.type(await screen.findByLabelText('Name'), 'Ada');
  await user.type(screen.getByLabelText('Email'), 'ada@example.org');
  await user.type(screen.getByLabelText('Password'), 'Passw0rd1');
  await user.click(screen.getByRole('button', { name: 'Request access' }));
  expect(await screen.findByRole('heading', { name: 'Your request is in' })).toBeTruthy();
});
