import { render, screen } from '@testing-library/react';
import userEvent from '@testing-library/user-event';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { accessibilityProblems } from '@/testing/axe';
import { json, serve } from '@/testing/server';
import { FakeEvents, stream } from '@/testing/streams';
import { nameFrom, validStreamName } from './credentials';
import { ffmpegCommand, gstreamerCommand } from './encoder-commands';
import { HealthCard } from './HealthCard';
import { firstSettings, settingsFromAddress } from './settings';
import StudioPage from './StudioPage';

const SERVER = {
  version: '0.1.0',
  whip_url: 'http://media.example/whip',
  whep_url_template: 'http://media.example/whep/{stream}',
  demo: { stream: 'demo', key: 'demo.secret' },
};

beforeEach(() => {
  vi.stubGlobal('RTCRtpSender', {
    getCapabilities: () => ({ codecs: [{ mimeType: 'video/H264' }] }),
  });
  FakeEvents.install();
  serve({
    'GET /server': () => json(SERVER),
    'GET /streams/demo': () => json(stream('demo')),
  });
});
afterEach(() => vi.unstubAllGlobals());

function open(path: string) {
  history.replaceState(null, '', path);
  return render(<StudioPage />);
}

describe('the studio for guests with a key', () => {
  it('first asks how to go live', async () => {
    const { container } = open('/studio?stream=demo');
    expect(screen.getByRole('heading', { name: 'How do you want to go live?' })).toBeTruthy();
    expect(await accessibilityProblems(container)).toEqual([]);
  });

  it('shows address and key for an encoder, the key masked, and a tick once it is connected', async () => {
    const { container } = open('/studio?with=encoder&stream=demo');
    expect(await screen.findByText('http://media.example/whip/demo')).toBeTruthy();
    expect(container.textContent).not.toContain('demo.secret');
    expect(await screen.findByText('An encoder is connected')).toBeTruthy();
    expect(await accessibilityProblems(container)).toEqual([]);
  });

  it('asks for a key before it goes live', async () => {
    const { container } = open('/studio?with=browser&stream=demo');
    const key = await screen.findByDisplayValue('demo.secret');
    await userEvent.clear(key);
    await userEvent.click(screen.getByRole('button', { name: 'Go live' }));
    expect(screen.getByText('Enter the key of this stream.')).toBeTruthy();
    expect(await accessibilityProblems(container)).toEqual([]);
  });

  it('takes a key from the address and clears it there', async () => {
    open('/studio?with=encoder&stream=mine#key=abc.def');
    await screen.findByDisplayValue('mine');
    expect(screen.getByDisplayValue('abc.def')).toBeTruthy();
    expect(location.hash).toBe('');
  });
});

it('a stream name follows the rule of the server', () => {
  expect(['a', '0-x_y', 'x'.repeat(64)].every(validStreamName)).toBe(true);
  expect(['', '-a', '_a', 'A', 'ä', 'a b', 'x'.repeat(65)].some(validStreamName)).toBe(false);
});

it('a title suggests a name that follows the rule, or none', () => {
  expect(nameFrom('Building a bird house, part 3')).toBe('building-a-bird-house-part-3');
  expect(nameFrom('  Größe & Maß  ')).toBe('grosse-mass');
  expect(nameFrom('بث مباشر')).toBe('');
  expect(validStreamName(nameFrom('x '.repeat(140)))).toBe(true);
});

it('settings come from the address only for tests', () => {
  const usual = firstSettings();
  expect(settingsFromAddress('?pattern=timecode&w=640', usual)).toEqual(usual);
  expect(
    settingsFromAddress('?test=1&pattern=timecode&w=640&h=360&fps=30&codec=vp9&layers=9', usual),
  ).toMatchObject({
    source: 'pattern',
    pattern: 'timecode',
    width: 640,
    height: 360,
    fps: 30,
    codec: 'vp9',
    layers: 3,
  });
});

it('commands carry the address and the key', () => {
  const target = { url: 'http://x/whip/demo', key: 'k' };
  expect(ffmpegCommand(target)).toContain('-f whip -authorization "k" "http://x/whip/demo"');
  expect(gstreamerCommand(target)).toContain(`'stun-server=""'`);
});

it('health names each issue with its fix', () => {
  const issue = { id: 'fps_low', severity: 'bad', actual: 11, expected: 30 } as const;
  render(
    <HealthCard health={{ word: 'fair', score: 60, issues: [issue] }} settings={firstSettings()} />,
  );
  expect(screen.getByText('Fair')).toBeTruthy();
  expect(screen.getByText('11 instead of 30')).toBeTruthy();
  expect(screen.getByText(/More light for the camera/)).toBeTruthy();
});
