import { render, screen, waitFor } from '@testing-library/react';
import userEvent from '@testing-library/user-event';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { session } from '@/lib/auth/session';
import { I18nProvider } from '@/messages/i18n';
import { accessibilityProblems } from '@/testing/axe';
import { somebody } from '@/testing/people';
import { json, nothing, refuse } from '@/testing/server';
import { AccountMenu } from './AccountMenu';
import { show, world } from './testing';

beforeEach(() => session.forget());
afterEach(() => {
  session.forget();
  vi.unstubAllGlobals();
});

describe('preferences and privacy', () => {
  // Requirements: R54
  it('are saved as they are chosen, and go back when the server refuses', async () => {
    const network = world();
    network.on('PATCH /me', () => refuse(503, 'unavailable'));
    show('preferences');
    const user = userEvent.setup();
    const autoplay = await screen.findByRole<HTMLInputElement>('switch', { name: 'Play at once' });
    await user.click(autoplay);
    expect((await screen.findByRole('alert')).textContent).toContain('cannot reach its database');
    expect(autoplay.checked).toBe(true);
    network.on('PATCH /me', ({ body }) =>
      json({ ...somebody('creator'), ...(body as object) }, 200, { etag: '"v2"' }),
    );
    await user.click(autoplay);
    await waitFor(() => expect(screen.queryByRole('alert')).toBeNull());
    expect(autoplay.checked).toBe(false);
  });
});

it('activity names what it knows and shows the code of what it does not', async () => {
  world();
  show('activity');
  expect(await screen.findByText('Sign-in failed')).toBeTruthy();
  expect(screen.getByText('something.new')).toBeTruthy();
});

it('the menu of the account opens by keyboard and signs out', async () => {
  const network = world();
  network.on('POST /auth/sign-out', nothing);
  const { container } = render(
    <I18nProvider initial="en">
      <AccountMenu />
    </I18nProvider>,
  );
  const user = userEvent.setup();
  const trigger = screen.getByRole('button', { name: 'Account of Ada Lovelace' });
  trigger.focus();
  await user.keyboard('{Enter}');
  expect(document.activeElement?.textContent).toBe('Your channel');
  expect(await accessibilityProblems(container)).toEqual([]);
  expect(screen.queryByRole('menuitem', { name: 'Administration' })).toBeNull();
  await user.keyboard('{Escape}');
  expect(document.activeElement).toBe(trigger);
  await user.keyboard('{Enter}{End}{Enter}');
  await waitFor(() => expect(session.state.get().status).toBe('anonymous'));
  expect(screen.getByRole('link', { name: 'Sign in' })).toBeTruthy();
});

it.each(['', 'account', 'security', 'api-keys', 'preferences', 'privacy', 'activity'])(
  'the section "%s" has no accessibility problem and no text outside the catalogue',
  async (section) => {
    world();
    const { container } = show(section, 'pseudo');
    await screen.findAllByRole('heading', { level: 2 });
    await waitFor(() => expect(container.querySelector('[role="status"][aria-label]')).toBeNull());
    expect(await accessibilityProblems(container)).toEqual([]);
    const texts = [...container.querySelectorAll('h1, h2, label, a, legend, button')]
      .map((element) => element.textContent)
      .filter((text) => text !== '' && !['English', 'Deutsch'].includes(text));
    expect(texts.filter((text) => !text.includes('⟦'))).toEqual([]);
  },
);
