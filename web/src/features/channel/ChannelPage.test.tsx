import { render, screen } from '@testing-library/react';
import userEvent from '@testing-library/user-event';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { session } from '@/lib/auth/session';
import type { Channel } from '@/lib/streams/types';
import { accessibilityProblems } from '@/testing/axe';
import { somebody, tokensOf } from '@/testing/people';
import { json, refuse, serve } from '@/testing/server';
import { card, FakeEvents, MIRA } from '@/testing/streams';
import ChannelPage from './ChannelPage';

function channel(change: Partial<Channel> = {}): Channel {
  return {
    ...MIRA,
    bio: 'Carpenter',
    links: [{ title: 'Plans', url: 'https://example.org/plans' }],
    followers: 1200,
    following: false,
    streams: [],
    recent: [],
    ...change,
  };
}

beforeEach(() => FakeEvents.install());
afterEach(() => {
  session.forget();
  vi.unstubAllGlobals();
});

describe('a channel', () => {
  // Requirements: R60, R246
  it('says who it is and when it comes back', async () => {
    session.forget();
    const start = Date.now() + 86_400_000;
    serve({
      'GET /channels/mira': () =>
        json(channel({ streams: [card('tour', { state: 'offline', scheduled_start: start })] })),
    });
    const { container } = render(<ChannelPage handle="mira" />);
    expect(await screen.findByRole('heading', { level: 1, name: 'Mira Holz' })).toBeTruthy();
    expect(screen.getByText('1,200 followers')).toBeTruthy();
    expect(screen.getByRole('link', { name: 'Plans' }).getAttribute('rel')).toContain('nofollow');
    expect(screen.getByRole('region', { name: 'Mira Holz is offline' }).textContent).toContain(
      'tour',
    );
    expect(await accessibilityProblems(container)).toEqual([]);
  });

  it('shows where to watch what is live but not for everybody', async () => {
    session.forget();
    serve({
      'GET /channels/mira': () =>
        json(channel({ streams: [card('gold', { access: 'premium', locked: true })] })),
    });
    const { container } = render(<ChannelPage handle="mira" />);
    const link = await screen.findByRole('link', { name: 'Watch live' });
    expect(link.getAttribute('href')).toBe('/watch/gold');
    expect(container.querySelector('video')).toBeNull();
    expect(await accessibilityProblems(container)).toEqual([]);
  });

  it('is followed with the number going up at once', async () => {
    session.accept(tokensOf(somebody()));
    serve({
      'GET /channels/mira': () => json(channel()),
      'POST /social/follow': () => json({ following: true, followers: 1201 }),
    });
    render(<ChannelPage handle="mira" />);
    await userEvent.click(await screen.findByRole('button', { name: 'Follow Mira Holz' }));
    expect(await screen.findByText('1,201 followers')).toBeTruthy();
    expect(screen.getByRole('button', { name: 'Following Mira Holz. Unfollow' })).toBeTruthy();
  });

  it('has no button to follow oneself', async () => {
    session.accept(tokensOf(somebody('creator', { id: MIRA.id })));
    serve({ 'GET /channels/mira': () => json(channel()) });
    render(<ChannelPage handle="mira" />);
    expect(await screen.findByRole('link', { name: 'Edit profile' })).toBeTruthy();
    expect(screen.queryByRole('button', { name: /Follow/ })).toBeNull();
  });

  it('that there is not is said so', async () => {
    session.forget();
    serve({ 'GET /channels/mira': () => refuse(404, 'not_found') });
    const { container } = render(<ChannelPage handle="mira" />);
    await screen.findByRole('heading', { name: 'There is no channel of this name' });
    expect(await accessibilityProblems(container)).toEqual([]);
  });
});
