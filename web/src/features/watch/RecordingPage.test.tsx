import { render, screen, waitFor } from '@testing-library/react';
import userEvent from '@testing-library/user-event';
import { describe, expect, it, vi } from 'vitest';
import * as engines from '@/lib/hls/engine';
import { session } from '@/lib/auth/session';
import type { Recording } from '@/lib/recordings/types';
import { accessibilityProblems } from '@/testing/axe';
import { recording } from '@/testing/recordings';
import { json, refuse, serve } from '@/testing/server';
import { stream } from '@/testing/streams';
import RecordingPage from './RecordingPage';
import { stage } from './test-stage';

stage();

function network(change: Partial<Recording>, more: Parameters<typeof serve>[0] = {}) {
  session.forget();
  // It loads for ever: what plays is another test's matter.
  vi.spyOn(engines, 'openEngine').mockReturnValue(new Promise(() => undefined));
  return serve({
    'GET /recordings/r1': () => json(recording('r1', change)),
    'GET /streams/bird-house': () => json(stream('bird-house')),
    'GET /vod/r1/master.m3u8': () => new Response('#EXTM3U\n'),
    ...more,
  });
}

const show = () => {
  history.replaceState(null, '', '/v/r1');
  return render(
    <RecordingPage recording="r1" chat={(place) => <p>chat of {place.recording}</p>} />,
  );
};

describe('the page of a recording', () => {
  // Requirements: R126, R133, R152
  it('says what it was, whose it is, and leads to its chapters', async () => {
    network({
      title: 'Part 3',
      description: 'Plans at https://example.org/plans.',
      download_url: '/vod/r1/download.mp4',
      chapters: [
        { at_ms: 0, title: 'Hello' },
        { at_ms: 90_000, title: 'Roof' },
      ],
    });
    const { container } = show();
    expect(await screen.findByRole('heading', { level: 1, name: 'Part 3' })).toBeTruthy();
    expect(screen.getByRole('button', { name: '1:30 Roof' })).toBeTruthy();
    expect(screen.getByRole('link', { name: 'Bird house' }).getAttribute('href')).toBe(
      '/watch/bird-house',
    );
    expect(screen.getByText('chat of r1')).toBeTruthy();
    expect(screen.getByRole('button', { name: 'Download' })).toBeTruthy();
    expect(await screen.findByRole('link', { name: 'Follow' })).toBeTruthy();
    expect(await accessibilityProblems(container)).toEqual([]);
  });

  it('goes on where somebody stopped, and offers to start over', async () => {
    network({ position_ms: 600_000 });
    show();
    expect(await screen.findByText('Continued where you stopped.')).toBeTruthy();
    await waitFor(() =>
      expect(vi.mocked(engines.openEngine).mock.calls[0]?.[1]).toMatchObject({ from: 600 }),
    );
  });

  it('shares a link to the moment that is shown', async () => {
    network({ position_ms: 600_000 });
    show();
    await userEvent.click(await screen.findByRole('button', { name: 'Share' }));
    await userEvent.click(screen.getByRole('checkbox', { name: 'Start at 10:00' }));
    expect(screen.getByText(/^http.*\/v\/r1\?t=600$/)).toBeTruthy();
    expect(screen.getByText(/^<iframe src=".*\/embed\/v\/r1\?t=600" title="Part r1"/)).toBeTruthy();
  });

  it.each([
    [{ state: 'recording', hls_url: null }, 'This broadcast is still running'],
    [{ state: 'processing', hls_url: null }, 'This recording is being finished'],
    [{ state: 'failed', hls_url: null }, 'This recording did not work out'],
    [{ deleted_at: 1, hls_url: null }, 'This recording is deleted'],
  ] as const)('says why there is no picture: %o', async (change, text) => {
    network(change);
    const { container } = show();
    expect(await screen.findByRole('heading', { name: text })).toBeTruthy();
    expect(screen.queryByText('chat of r1')).toBeNull();
    expect(await accessibilityProblems(container)).toEqual([]);
  });

  it('says that it is gone', async () => {
    network({}, { 'GET /recordings/r1': () => refuse(404, 'recording_unknown') });
    const { container } = show();
    expect(await screen.findByRole('heading', { name: 'This recording is gone' })).toBeTruthy();
    expect(await accessibilityProblems(container)).toEqual([]);
  });

  it('of a stream that is not for everybody asks at the same door', async () => {
    const { stream: of } = recording('r1');
    network(
      { stream: { ...of, access: 'premium' } },
      { [`POST /streams/${of.id}/playback-token`]: () => refuse(401, 'sign_in_required') },
    );
    show();
    const door = await screen.findByRole('heading', { name: 'Sign in to watch' });
    expect(door).toBeTruthy();
    expect(engines.openEngine).not.toHaveBeenCalled();
  });

  it('that is private asks for the token of who made it', async () => {
    const { stream: of } = recording('r1');
    const fake = network(
      { visibility: 'private' },
      {
        [`POST /streams/${of.id}/playback-token`]: () => json({ token: 'pt', expires_in: 600 }),
      },
    );
    show();
    await waitFor(() =>
      expect(fake.of('GET /vod/r1/master.m3u8')[0]?.headers.get('authorization')).toBe('Bearer pt'),
    );
  });
});
