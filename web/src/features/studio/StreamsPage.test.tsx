import { render, screen, waitFor } from '@testing-library/react';
import userEvent from '@testing-library/user-event';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { session } from '@/lib/auth/session';
import { accessibilityProblems } from '@/testing/axe';
import { somebody, tokensOf } from '@/testing/people';
import { json, refuse, serve } from '@/testing/server';
import { card, FakeEvents, page, stream } from '@/testing/streams';
import StudioPage from './StudioPage';

const CREATOR = somebody('creator', { permissions: ['write_own_streams', 'publish_own_streams'] });

beforeEach(() => {
  history.replaceState(null, '', '/studio');
  FakeEvents.install();
});
afterEach(() => {
  session.forget();
  vi.unstubAllGlobals();
});

describe('the own streams', () => {
  // Requirements: R32, R45
  it('are for those who are signed in; others come back after signing in', () => {
    session.forget();
    serve({});
    render(<StudioPage />);
    expect(location.pathname + location.search).toBe('/sign-in?next=%2Fstudio');
  });

  it('are listed with their state', async () => {
    session.accept(tokensOf(CREATOR));
    serve({
      'GET /me/streams': () =>
        json(page([card('bird-house', { viewers: 3 }), card('tour', { state: 'offline' })])),
    });
    const { container } = render(<StudioPage />);
    const link = await screen.findByRole('link', { name: 'bird-house' });
    expect(link.getAttribute('href')).toBe('/studio/bird-house/live');
    expect(screen.getByText('3 viewers')).toBeTruthy();
    expect(screen.getByText('Offline')).toBeTruthy();
    expect(await accessibilityProblems(container)).toEqual([]);
  });

  // Requirements: R61, R75
  it('begin with a form whose address follows the title', async () => {
    const user = userEvent.setup();
    session.accept(tokensOf(CREATOR));
    const fake = serve({
      'GET /me/streams': () => json(page([])),
      'GET /streams/categories': () => json([]),
      'POST /streams': () => json(stream('bird-house'), 201),
    });
    const { container } = render(<StudioPage />);
    await user.click(await screen.findByRole('button', { name: 'New stream' }));
    await user.type(screen.getByLabelText('Title'), 'Bird house');
    expect(screen.getByDisplayValue('bird-house')).toBeTruthy();
    await user.selectOptions(screen.getByLabelText('Who may watch'), 'password');
    await user.click(screen.getByRole('button', { name: 'Create stream' }));
    expect(screen.getByText('Enter a password of at least 4 characters.')).toBeTruthy();
    expect(await accessibilityProblems(container)).toEqual([]);
    await user.type(screen.getByLabelText('Password for viewers'), 'swordfish');
    await user.click(screen.getByRole('button', { name: 'Create stream' }));
    await waitFor(() => expect(location.pathname).toBe('/studio/bird-house/live'));
    expect(fake.of('POST /streams')[0]?.body).toEqual({
      name: 'bird-house',
      title: 'Bird house',
      access: 'password',
      password: 'swordfish',
    });
  });

  it('say at the field that an address is taken', async () => {
    const user = userEvent.setup();
    session.accept(tokensOf(CREATOR));
    serve({
      'GET /me/streams': () => json(page([])),
      'GET /streams/categories': () => json([]),
      'POST /streams': () => refuse(409, 'already_exists'),
    });
    render(<StudioPage />);
    await user.click(await screen.findByRole('button', { name: 'New stream' }));
    await user.type(screen.getByLabelText('Title'), 'Bird house');
    await user.click(screen.getByRole('button', { name: 'Create stream' }));
    expect(await screen.findByText('This address is taken. Choose another.')).toBeTruthy();
    expect(screen.getByLabelText('Address').getAttribute('aria-invalid')).toBe('true');
  });
});

describe('a viewer', () => {
  // Requirements: R34
  it('becomes a creator in one step', async () => {
    session.accept(tokensOf(somebody()));
    serve({
      'POST /me/channel': () => json(CREATOR),
      'GET /me/streams': () => json(page([])),
    });
    const { container } = render(<StudioPage />);
    expect(await accessibilityProblems(container)).toEqual([]);
    await userEvent.click(await screen.findByRole('button', { name: 'Create my channel' }));
    expect(await screen.findByRole('heading', { name: 'Create your first stream' })).toBeTruthy();
  });

  it('is told where only chosen people stream', async () => {
    session.accept(tokensOf(somebody('viewer', { permissions: [] })));
    serve({});
    render(<StudioPage />);
    expect(
      await screen.findByRole('heading', { name: 'Only chosen people stream on this server' }),
    ).toBeTruthy();
  });
});
