import { act, render, screen, waitFor, within } from '@testing-library/react';
import userEvent from '@testing-library/user-event';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { session } from '@/lib/auth/session';
import { I18nProvider, type Language } from '@/messages/i18n';
import { accessibilityProblems } from '@/testing/axe';
import { somebody, tokensOf } from '@/testing/people';
import { json, refuse, serve, type FakeNetwork } from '@/testing/server';
import { card, FakeEvents, MIRA, page, stream } from '@/testing/streams';
import HomePage from './HomePage';

const HARBOUR = card('harbour', {
  title: 'Harbour camera',
  viewers: 1_234_567,
  tags: ['sea'],
  category: { slug: 'nature', name: 'Nature' },
});

function network(more: Parameters<typeof serve>[0] = {}): FakeNetwork {
  return serve({
    'GET /streams': ({ query }) => json(page(query.get('live') === 'false' ? [] : [HARBOUR])),
    'GET /streams/featured': () => json(page([])),
    'GET /streams/categories': () => json([]),
    ...more,
  });
}

function show(language: Language = 'en') {
  return render(
    <I18nProvider initial={language}>
      <HomePage />
    </I18nProvider>,
  );
}

beforeEach(() => {
  history.replaceState(null, '', '/');
  FakeEvents.install();
});
afterEach(() => {
  session.forget();
  vi.unstubAllGlobals();
});

describe('the home page', () => {
  // Requirements: R73, R240, R241, R246
  it('shows what is live, with links to watch it, to its creator and its category', async () => {
    network();
    const { container } = show();
    const link = await screen.findByRole('link', { name: 'Harbour camera' });
    expect(link.getAttribute('href')).toBe('/watch/harbour');
    expect(screen.getByRole('link', { name: 'Mira Holz' }).getAttribute('href')).toBe('/@mira');
    expect(screen.getByRole('link', { name: 'Nature' }).getAttribute('href')).toBe(
      '/category/nature',
    );
    expect(screen.getByText('1.2M')).toBeTruthy();
    expect(screen.getByText('1,234,567 viewers')).toBeTruthy();
    expect(await accessibilityProblems(container)).toEqual([]);
  });

  // Requirements: R42, R73
  it('marks what only some may watch', async () => {
    network({
      'GET /streams': () =>
        json(page([card('gold', { access: 'premium', locked: true, maturity: 'mature' })])),
    });
    show();
    const item = (await screen.findAllByRole('article'))[0] as HTMLElement;
    expect(within(item).getByText('Premium')).toBeTruthy();
    expect(within(item).getByText('For adults')).toBeTruthy();
  });

  it('says what to do when nobody is live', async () => {
    network({ 'GET /streams': () => json(page([])) });
    show();
    expect(await screen.findByRole('heading', { name: 'Nobody is live right now' })).toBeTruthy();
    expect(screen.getByRole('link', { name: 'Go live' }).getAttribute('href')).toBe('/studio');
  });

  // Requirements: R67, R400
  it('adds a stream that goes live at the end, and lets one that ends stay in its place', async () => {
    network({ 'GET /streams/kiln': () => json(stream('kiln')) });
    show();
    await screen.findByRole('link', { name: 'Harbour camera' });
    await waitFor(() => expect(FakeEvents.hears('streams')).toBe(true));
    act(() => FakeEvents.say('streams', 'stream.online', { name: 'kiln' }));
    await screen.findByRole('link', { name: 'kiln' });
    const titles = () => screen.getAllByRole('heading', { level: 3 }).map((h) => h.textContent);
    expect(titles()).toEqual(['Harbour camera', 'kiln']);
    act(() => FakeEvents.say('streams', 'stream.offline', { name: 'harbour' }));
    expect(titles()).toEqual(['Harbour camera', 'kiln']);
    expect(screen.queryByText('1,234,567 viewers')).toBeNull();
    expect(screen.getByText('1 stream')).toBeTruthy();
  });

  it('asks for the next page only when that is wanted', async () => {
    const fake = network({
      'GET /streams': ({ query }) => {
        if (query.get('live') === 'false') return json(page([]));
        return query.get('cursor') === 'c2'
          ? json(page([card('second')]))
          : json(page([HARBOUR], 'c2'));
      },
    });
    show();
    await userEvent.click(await screen.findByRole('button', { name: 'Show more' }));
    expect(await screen.findByRole('link', { name: 'second' })).toBeTruthy();
    expect(screen.queryByRole('button', { name: 'Show more' })).toBeNull();
    expect(
      fake.of('GET /streams').filter(({ query }) => query.get('cursor') === 'c2'),
    ).toHaveLength(1);
  });

  it('shows whom one follows, those who are live first', async () => {
    session.accept(tokensOf(somebody()));
    network({
      'GET /me/follows': () =>
        json(
          page([
            { ...MIRA, since: 0, live: false },
            { ...MIRA, id: 'x', handle: 'omar', display_name: 'عمر', since: 0, live: true },
          ]),
        ),
    });
    show();
    const following = await screen.findByRole('region', { name: 'Following' });
    const links = within(following).getAllByRole('link');
    expect(links.map((link) => link.getAttribute('href'))).toEqual(['/@omar', '/@mira']);
  });

  // Requirements: R69, R240, R331, R332
  it('has featured streams, categories and what is scheduled, where there are some', async () => {
    network({
      'GET /streams': ({ query }) =>
        json(
          page(
            query.get('live') === 'false'
              ? [card('later', { state: 'offline', scheduled_start: Date.now() + 9_000_000 })]
              : [HARBOUR],
          ),
        ),
      'GET /streams/featured': () => json(page([card('chosen', { title: 'Chosen' })])),
      'GET /streams/categories': () =>
        json([{ id: 'c', slug: 'chess', name: 'Chess', live_streams: 2 }]),
    });
    const { container } = show();
    await screen.findByRole('region', { name: 'Featured' });
    await screen.findByRole('region', { name: 'Scheduled soon' });
    expect(screen.getByRole('link', { name: /Chess/ }).getAttribute('href')).toBe(
      '/category/chess',
    );
    expect(await accessibilityProblems(container)).toEqual([]);
  });

  it('says what is wrong when the server does not answer, and asks again on demand', async () => {
    const fake = network({ 'GET /streams': () => refuse(503, 'overloaded') });
    show();
    expect((await screen.findByRole('alert')).textContent).toContain(
      'The server is full or restarting',
    );
    fake.on('GET /streams', ({ query }) =>
      json(page(query.get('live') === 'false' ? [] : [HARBOUR])),
    );
    await userEvent.click(screen.getByRole('button', { name: 'Try again' }));
    expect(await screen.findByRole('link', { name: 'Harbour camera' })).toBeTruthy();
    expect(screen.queryByRole('alert')).toBeNull();
  });

  it('has shapes in place of cards until the first answer', () => {
    vi.stubGlobal('fetch', () => new Promise(() => undefined));
    show();
    expect(screen.getAllByRole('status', { name: 'Loading' }).length).toBeGreaterThan(0);
  });

  // Requirements: R401
  it('takes every text from the catalogue', async () => {
    network({ 'GET /streams': () => json(page([])) });
    const { container } = show('pseudo');
    await screen.findByRole('heading', { level: 3 });
    const texts = [...container.querySelectorAll('h1, h2, h3, p, a, button')].map(
      (element) => element.textContent,
    );
    expect(texts.filter((text) => !text.startsWith('⟦'))).toEqual([]);
  });
});
