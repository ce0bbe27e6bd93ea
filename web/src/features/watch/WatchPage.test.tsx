import { screen, waitFor } from '@testing-library/react';
import userEvent from '@testing-library/user-event';
import { describe, expect, it } from 'vitest';
import { session } from '@/lib/auth/session';
import { accessibilityProblems } from '@/testing/axe';
import { somebody, tokensOf } from '@/testing/people';
import { json, nothing, refuse } from '@/testing/server';
import { MIRA } from '@/testing/streams';
import { bearer, NAME, network, show, stage, TOKEN } from './test-stage';

stage();

describe('the watch page', () => {
  // Requirements: R18, R41, R43
  it('says what is shown and by whom, and plays a public stream without a token', async () => {
    session.forget();
    const fake = network({
      title: 'Bird house',
      tags: ['wood'],
      description: 'Plans at https://example.org/plans.',
      category: { slug: 'making', name: 'Making' },
    });
    const { container } = show();
    expect(await screen.findByRole('heading', { level: 1, name: 'Bird house' })).toBeTruthy();
    expect(screen.getByRole('link', { name: 'wood' }).getAttribute('href')).toBe(
      '/search?tag=wood',
    );
    const plans = screen.getByRole('link', { name: 'https://example.org/plans' });
    expect(plans.getAttribute('rel')).toContain('nofollow');
    expect(plans.nextSibling?.textContent).toBe('.');
    await waitFor(() => expect(bearer(fake)).toEqual([null]));
    expect(fake.of(TOKEN)).toHaveLength(0);
    expect(await accessibilityProblems(container)).toEqual([]);
  });

  it('leads strangers who want to follow or save to the door and back', async () => {
    session.forget();
    network({});
    show();
    const follow = await screen.findByRole('link', { name: 'Follow' });
    expect(follow.getAttribute('href')).toBe('/sign-in?next=%2Fwatch%2Fbird-house');
    expect(screen.getByRole('link', { name: 'Save' }).getAttribute('href')).toBe(
      '/sign-in?next=%2Fwatch%2Fbird-house',
    );
  });

  // Requirements: R57, R73, R348
  it('follows, saves and favors, and takes back what the server refuses', async () => {
    const user = userEvent.setup();
    session.accept(tokensOf(somebody()));
    const fake = network(
      {},
      {
        'POST /social/follow': () => json({ following: true, followers: 2 }),
        [`PUT /me/library/saved/0199-${NAME}`]: () => nothing(),
        [`PUT /me/library/favorite/0199-${NAME}`]: () => refuse(503, 'unavailable'),
      },
    );
    show();
    await user.click(await screen.findByRole('button', { name: 'Follow Mira Holz' }));
    expect(
      await screen.findByRole('button', { name: 'Following Mira Holz. Unfollow' }),
    ).toBeTruthy();
    expect(fake.of('POST /social/follow')[0]?.body).toEqual({
      owner_id: MIRA.id,
      follow: true,
    });
    await user.click(screen.getByRole('button', { name: 'Save' }));
    expect(screen.getByRole('button', { name: 'Saved' }).getAttribute('aria-pressed')).toBe('true');
    await user.click(screen.getByRole('button', { name: 'Add to favorites' }));
    await waitFor(() =>
      expect(
        screen.getByRole('button', { name: 'Add to favorites' }).getAttribute('aria-pressed'),
      ).toBe('false'),
    );
  });

  // Requirements: R69
  it('shows a stream that is off the air with what comes and what was', async () => {
    session.forget();
    network(
      { state: 'offline', live_since: null, scheduled_start: Date.now() + 86_400_000 },
      {
        'GET /channels/mira': () =>
          json({
            ...MIRA,
            bio: '',
            links: [],
            followers: 1,
            following: false,
            streams: [],
            recent: [
              {
                stream: NAME,
                id: 'b',
                started_at: Date.now() - 86_400_000,
                live_at: null,
                ended_at: Date.now() - 82_800_000,
                end_reason: null,
                title: 'Part 2',
                peak_viewers: 4,
                joins: 9,
                watch_seconds: 1,
                codec: null,
              },
            ],
          }),
      },
    );
    const { container } = show();
    expect(await screen.findByText('Part 2')).toBeTruthy();
    expect(screen.getByText('up to 4 viewers')).toBeTruthy();
    expect(
      screen.getByRole('region', { name: 'Next broadcast' }).querySelector('time'),
    ).toBeTruthy();
    expect(await accessibilityProblems(container)).toEqual([]);
  });
});
