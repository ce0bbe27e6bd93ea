import { render, screen, waitFor } from '@testing-library/react';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import * as engines from '@/lib/hls/engine';
import type { Recording } from '@/lib/recordings/types';
import { accessibilityProblems } from '@/testing/axe';
import { recording } from '@/testing/recordings';
import { json, refuse, serve } from '@/testing/server';
import EmbedRecordingPage from './EmbedRecordingPage';

beforeEach(() => {
  // It loads for ever: what plays is another test's matter.
  vi.spyOn(engines, 'openEngine').mockReturnValue(new Promise(() => undefined));
  vi.spyOn(HTMLMediaElement.prototype, 'pause').mockReturnValue();
});

afterEach(() => {
  vi.restoreAllMocks();
  history.replaceState(null, '', '/');
});

function show(change: Partial<Recording> = {}, search = '') {
  serve({
    'GET /recordings/r1': () => json(recording('r1', change)),
    'GET /recordings/r2': () => refuse(404, 'recording_unknown'),
    'GET /vod/r1/master.m3u8': () => new Response('#EXTM3U\n'),
  });
  history.replaceState(null, '', `/embed/v/r1${search}`);
  return render(<EmbedRecordingPage recording="r1" />);
}

describe('a recording in a frame of another site', () => {
  it('plays from the moment that its address names', async () => {
    const { container } = show({}, '?t=90&controls=0');
    await waitFor(() =>
      expect(vi.mocked(engines.openEngine).mock.calls[0]?.[1]).toMatchObject({
        url: `${location.origin}/vod/r1/master.m3u8`,
        from: 90,
      }),
    );
    expect(document.title).toBe('Part r1');
    expect(await accessibilityProblems(container)).toEqual([]);
  });

  it('leads to its own page where it cannot be played', async () => {
    const { container } = show({ state: 'processing', hls_url: null });
    const link = await screen.findByRole('link', { name: 'Open its page' });
    expect([link.getAttribute('href'), link.getAttribute('target')]).toEqual(['/v/r1', '_blank']);
    expect(engines.openEngine).not.toHaveBeenCalled();
    expect(await accessibilityProblems(container)).toEqual([]);
  });

  it('says that it is gone', async () => {
    show();
    render(<EmbedRecordingPage recording="r2" />);
    expect(await screen.findByText('This recording is gone')).toBeTruthy();
  });
});
