import { render, screen, waitFor } from '@testing-library/react';
import userEvent, { type UserEvent } from '@testing-library/user-event';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { session } from '@/lib/auth/session';
import { I18nProvider, type Language } from '@/messages/i18n';
import { accessibilityProblems } from '@/testing/axe';
import { rules, somebody, tokensOf } from '@/testing/people';
import { json, refuse, serve, type FakeNetwork } from '@/testing/server';
import { selfTest } from './self-test';
import SetupPage from './SetupPage';

function world(): FakeNetwork {
  return serve({
    'GET /server': () => json(rules({ setup_needed: true })),
    'POST /setup': () => json(tokensOf(somebody('admin')), 201),
  });
}

function show(language: Language = 'en', onDone = () => undefined) {
  return render(
    <I18nProvider initial={language}>
      <SetupPage onDone={onDone} />
    </I18nProvider>,
  );
}

async function fillAccount(user: UserEvent) {
  await user.type(await screen.findByLabelText('Your name'), 'Ada Lovelace');
  await user.type(screen.getByLabelText('Email'), 'ada@example.org');
  await user.type(screen.getByLabelText('Password'), 'Passw0rd1');
  await user.click(screen.getByRole('button', { name: 'Continue' }));
}

beforeEach(() => history.replaceState(null, '', '/setup'));
afterEach(() => {
  session.forget();
  vi.unstubAllGlobals();
});

describe('the first set-up', () => {
  it('makes the administrator in three steps and says where to go', async () => {
    const network = world();
    const { container } = show();
    const user = userEvent.setup();
    await fillAccount(user);
    expect(document.activeElement?.textContent).toBe('This server');
    await user.type(screen.getByLabelText('Name of the server'), 'Harbour TV');
    await user.click(screen.getByRole('radio', { name: /Who has an invitation/ }));
    expect(await accessibilityProblems(container)).toEqual([]);
    await user.click(screen.getByRole('button', { name: 'Continue' }));
    expect(screen.getByText('Video port')).toBeTruthy();
    expect(await accessibilityProblems(container)).toEqual([]);
    await user.click(screen.getByRole('button', { name: 'Finish' }));
    expect(await screen.findByRole('link', { name: /Go live now/ })).toBeTruthy();
    expect(await accessibilityProblems(container)).toEqual([]);
    expect(network.of('POST /setup')[0]?.body).toEqual({
      name: 'Harbour TV',
      public_url: location.origin,
      email: 'ada@example.org',
      password: 'Passw0rd1',
      display_name: 'Ada Lovelace',
      handle: 'ada-lovelace',
      signup_mode: 'invite',
    });
    expect(session.state.get().me?.role).toBe('admin');
  });

  it('goes no further with a weak password, and keeps what was typed on the way back', async () => {
    world();
    show();
    const user = userEvent.setup();
    await user.type(await screen.findByLabelText('Password'), 'short');
    await user.click(screen.getByRole('button', { name: 'Continue' }));
    expect(screen.getByRole('alert').textContent).toContain('Choose a password');
    await user.clear(screen.getByLabelText('Password'));
    await fillAccount(user);
    await user.click(screen.getByRole('button', { name: 'Back' }));
    expect(screen.getByLabelText<HTMLInputElement>('Email').value).toBe('ada@example.org');
  });

  it('goes back to the step of a field that the server refuses', async () => {
    const network = world();
    network.on('POST /setup', () =>
      refuse(422, 'invalid_input', {
        errors: [{ field: 'handle', code: 'taken', message: 'taken' }],
      }),
    );
    show();
    const user = userEvent.setup();
    await fillAccount(user);
    await user.type(screen.getByLabelText('Name of the server'), 'Harbour TV');
    await user.click(screen.getByRole('button', { name: 'Continue' }));
    await user.click(screen.getByRole('button', { name: 'Finish' }));
    expect(await screen.findByText('Somebody has this already')).toBeTruthy();
    expect(screen.getByLabelText('Handle').getAttribute('aria-invalid')).toBe('true');
  });

  it('says so when somebody else was first', async () => {
    const network = world();
    network.on('POST /setup', () => refuse(409, 'setup_done'));
    show();
    const user = userEvent.setup();
    await fillAccount(user);
    await user.type(screen.getByLabelText('Name of the server'), 'Harbour TV');
    await user.click(screen.getByRole('button', { name: 'Continue' }));
    await user.click(screen.getByRole('button', { name: 'Finish' }));
    expect((await screen.findByRole('alert')).textContent).toContain('has been set up already');
  });

  it('has no text outside the catalogue', async () => {
    world();
    const { container } = show('pseudo');
    await waitFor(() => expect(container.querySelector('form')).not.toBeNull());
    const texts = [...container.querySelectorAll('h1, h2, label, form p, button, ol li')]
      .map((element) => element.textContent)
      .filter((text) => text !== '');
    expect(texts.filter((text) => !text.includes('⟦'))).toEqual([]);
  });
});

describe('the self-test', () => {
  const around = { secure: true, codecs: ['video/h264'], origin: 'https://live.example.org' };
  const found = (url: string, change: Partial<typeof around> = {}) =>
    Object.fromEntries(
      selfTest(url, { ...around, ...change }).map(({ name, detail }) => [name, detail]),
    );

  it('is content with a public address over https', () => {
    expect(found('https://live.example.org')).toMatchObject({
      browser: 'good',
      secure: 'good',
      address: 'good',
    });
  });

  it.each([
    ['http://localhost:8080', 'local'],
    ['http://192.0.2.1', 'plain'],
    ['https://other.example.org', 'differs'],
  ])('says what %s means', (url, address) => expect(found(url)).toMatchObject({ address }));

  it('misses H264 and a secure page', () => {
    expect(
      found('https://live.example.org', { codecs: ['video/vp8'], secure: false }),
    ).toMatchObject({ browser: 'none', secure: 'insecure' });
  });
});
