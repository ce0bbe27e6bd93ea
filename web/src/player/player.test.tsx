import { render, screen } from '@testing-library/react';
import userEvent from '@testing-library/user-event';
import { describe, expect, it, vi } from 'vitest';
import { ProblemError } from '@/lib/api/problem';
import type { LayerInfo } from '@/lib/api/generated/LayerInfo';
import type { ViewerState } from '@/lib/rtc/whep';
import { accessibilityProblems } from '@/testing/axe';
import { autoLabel, qualityChoices } from './quality';
import { ShortcutsDialog } from './ShortcutsDialog';
import { StateOverlay } from './StateOverlay';
import { StatsPanel } from './StatsPanel';
import { useKeys } from './use-keys';
import type { Playback } from './use-playback';

const STATE: ViewerState = {
  phase: 'live',
  missing: null,
  problem: null,
  stream: null,
  layers: [],
  current: null,
  pinned: null,
  codec: 'h264',
  estimate: null,
  viewers: 3,
};
const nothing = () => undefined;
const PLAYBACK: Playback = {
  paused: false,
  muted: false,
  volume: 1,
  mutedByBrowser: false,
  blocked: false,
  togglePlay: nothing,
  play: nothing,
  toggleMute: nothing,
  setVolume: nothing,
};

function overlay(
  state: Partial<ViewerState>,
  more: { playback?: Partial<Playback>; hasPicture?: boolean; waiting?: boolean } = {},
) {
  return render(
    <StateOverlay
      state={{ ...STATE, ...state }}
      hasPicture={more.hasPicture ?? true}
      playback={{ ...PLAYBACK, ...more.playback }}
      waiting={more.waiting ?? false}
      onPlay={nothing}
      onRetry={nothing}
    />,
  );
}

describe('the overlay', () => {
  it('is empty while a picture plays', () => {
    overlay({});
    expect(screen.getByRole('status').textContent).toBe('');
  });

  it.each([
    ['connecting', {}, 'Connecting'],
    ['offline', {}, 'This stream is offline'],
    ['starting', {}, 'Starting'],
    ['ended', {}, 'The broadcast has ended'],
    ['reconnecting', { missing: 'publisher' }, 'The broadcaster lost the connection'],
    ['reconnecting', { missing: 'connection' }, 'Your connection was interrupted'],
  ] as const)('says what happens: %s', async (phase, more, text) => {
    const { container } = overlay({ phase, ...more });
    expect(screen.getByRole('status').textContent).toContain(text);
    expect(await accessibilityProblems(container)).toEqual([]);
  });

  it('names the problem with its code and offers to try again', () => {
    overlay({ phase: 'failed', problem: new ProblemError('unknown_stream', { requestId: 'r7' }) });
    expect(screen.getByRole('status').textContent).toContain('There is no stream of this name');
    expect(screen.getByText(/unknown_stream/).textContent).toContain('r7');
    expect(screen.getByRole('button', { name: 'Try again' })).toBeTruthy();
  });

  it('tells that the browser turned the sound off', () => {
    overlay({}, { playback: { mutedByBrowser: true, muted: true } });
    expect(screen.getByRole('button', { name: 'Sound is off. Unmute' })).toBeTruthy();
  });

  it('waits for a press where autoplay is off', () => {
    overlay({ phase: 'connecting' }, { waiting: true });
    expect(screen.getByRole('button', { name: 'Play' })).toBeTruthy();
  });
});

describe('quality names', () => {
  const t = (key: string, values?: Record<string, string | number>) =>
    values?.quality ? `auto ${values.quality}` : key;
  const layer = (rid: string, height: number, fps = 30, active = true): LayerInfo => ({
    rid,
    width: (height * 16) / 9,
    height,
    bitrate: 0,
    fps,
    active,
  });

  it('are the height, with the rate where it is fast', () => {
    const names = qualityChoices(
      [layer('h', 1080, 59.7), layer('m', 540, 30), layer('l', 270, 30, false)],
      t,
    );
    expect(names.map((choice) => choice.label)).toEqual(['1080p60', '540p']);
  });

  it('leave nothing to choose with one layer', () => {
    expect(qualityChoices([layer('h', 720)], t as never)).toEqual([]);
  });

  it('say what automatic choice gives now', () => {
    const layers = [layer('h', 720), layer('l', 180)];
    expect(autoLabel({ ...STATE, layers, current: 'l' }, t as never)).toBe('auto 180p');
    expect(autoLabel({ ...STATE, layers, current: 'l', pinned: 'l' }, t as never)).toBe(
      'player.auto',
    );
  });
});

describe('keys', () => {
  function Keys({ action, enabled }: { action: () => void; enabled: boolean }) {
    useKeys({ m: action, ' ': action }, enabled);
    return (
      <>
        <input aria-label="field" />
        <button type="button">press</button>
      </>
    );
  }

  it('work on the page but not in fields, with modifiers, or when turned off', async () => {
    const user = userEvent.setup();
    const action = vi.fn();
    const { rerender } = render(<Keys action={action} enabled />);
    await user.keyboard('m{Control>}m{/Control}M');
    expect(action).toHaveBeenCalledTimes(2);
    await user.click(screen.getByLabelText('field'));
    await user.keyboard('m');
    screen.getByRole('button').focus();
    await user.keyboard(' ');
    expect(action).toHaveBeenCalledTimes(2);
    rerender(<Keys action={action} enabled={false} />);
    await user.keyboard('m');
    expect(action).toHaveBeenCalledTimes(2);
  });
});

it('the statistics and the list of keys have no accessibility problems', async () => {
  const meter = {
    latency: { ms: 31, estimated: false },
    history: [30, 31],
    digest: null,
    clockOffset: 0.4,
    freezes: { count: 0, longestMs: 0 },
    hasPicture: true,
  };
  const { container } = render(
    <>
      <StatsPanel state={STATE} meter={meter} onClose={nothing} />
      <ShortcutsDialog open theatre enabled onEnable={nothing} onClose={nothing} />
    </>,
  );
  expect(screen.getByText('31 ms')).toBeTruthy();
  expect(await accessibilityProblems(container)).toEqual([]);
});
