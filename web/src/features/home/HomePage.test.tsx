import { render, screen } from '@testing-library/react';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import type { StreamInfo } from '@/lib/api/generated/StreamInfo';
import { I18nProvider, type Language } from '@/messages/i18n';
import { accessibilityProblems } from '@/testing/axe';
import HomePage from './HomePage';

const STREAM: StreamInfo = {
  name: 'harbour',
  title: 'Harbour camera',
  state: 'live',
  live_since: Date.now() - 65_000,
  viewers: 1_234_567,
  codec: 'h264',
  layers: [{ rid: 'h', width: 1280, height: 720, bitrate: 2_400_000, fps: 30, active: true }],
  issues: [],
};

function serve(status: number, body: unknown) {
  const type = status === 200 ? 'application/json' : 'application/problem+json';
  vi.stubGlobal('fetch', () =>
    Promise.resolve(
      new Response(JSON.stringify(body), { status, headers: { 'content-type': type } }),
    ),
  );
}

function show(language: Language = 'en') {
  return render(
    <I18nProvider initial={language}>
      <HomePage />
    </I18nProvider>,
  );
}

beforeEach(() => history.replaceState(null, '', '/'));
afterEach(() => vi.unstubAllGlobals());

describe('the home page', () => {
  it('shows what is live, with a link to watch it', async () => {
    serve(200, [STREAM]);
    const { container } = show();
    const link = await screen.findByRole('link', { name: 'Harbour camera' });
    expect(link.getAttribute('href')).toBe('/watch/harbour');
    expect(screen.getByText('1.2M')).toBeTruthy();
    expect(await accessibilityProblems(container)).toEqual([]);
  });

  it('says what to do when nobody is live', async () => {
    serve(200, []);
    show();
    expect(await screen.findByRole('heading', { name: 'Nobody is live right now' })).toBeTruthy();
    expect(screen.getByRole('link', { name: 'Go live' }).getAttribute('href')).toBe('/studio');
  });

  it('filters by the search of the top bar', async () => {
    history.replaceState(null, '', '/?q=nothing');
    serve(200, [STREAM]);
    show();
    expect(
      await screen.findByRole('heading', { name: /No live stream matches “nothing”/ }),
    ).toBeTruthy();
  });

  it('says what is wrong when the server does not answer', async () => {
    serve(503, { code: 'overloaded', title: 'full' });
    show();
    expect((await screen.findByRole('alert')).textContent).toContain(
      'The server is full or restarting',
    );
  });

  it('has shapes in place of cards until the first answer', () => {
    vi.stubGlobal('fetch', () => new Promise(() => undefined));
    show();
    expect(screen.getByRole('status', { name: 'Loading' })).toBeTruthy();
  });

  it('takes every text from the catalogue', async () => {
    serve(200, []);
    const { container } = show('pseudo');
    await screen.findByRole('heading', { level: 2 });
    const texts = [...container.querySelectorAll('h1, h2, p, a, button')].map(
      (element) => element.textContent,
    );
    expect(texts.filter((text) => !text.startsWith('⟦'))).toEqual([]);
  });
});
