import { expect, it, vi } from 'vitest';
import type { ReplayedMessage, ReplayedMessages } from '@/lib/recordings/types';
import { said } from '@/testing/chat';
import { Replay } from './replay';

/** A message every ten seconds. */
const all: ReplayedMessage[] = Array.from({ length: 100 }, (_, index) => ({
  at_ms: index * 10_000,
  message: said(index, `message ${index}`),
}));
const PAGE = 10;

function pages(): (from: { after_ms: number } | { after: string }) => Promise<ReplayedMessages> {
  return vi.fn((from: { after_ms: number } | { after: string }) => {
    const begin =
      'after' in from
        ? all.findIndex(({ message }) => message.id === from.after) + 1
        : all.findIndex(({ at_ms: at }) => at >= from.after_ms);
    const items = begin < 0 ? [] : all.slice(begin, begin + PAGE);
    return Promise.resolve({ items, more: begin >= 0 && begin + PAGE < all.length });
  });
}

const texts = (replay: Replay) => replay.state.get().rows.map(({ message }) => message.text);
const settle = () => new Promise((resolve) => setTimeout(resolve, 0));

it('says what had been said by the moment that is shown, and no more', async () => {
  const replay = new Replay(pages());
  replay.follow(25_000);
  await settle();
  expect(texts(replay)).toEqual(['message 0', 'message 1', 'message 2']);
  replay.follow(31_000);
  expect(texts(replay).at(-1)).toBe('message 3');
});

it('asks for more before it is needed, and after a jump for what came before it', async () => {
  const load = pages();
  const replay = new Replay(load);
  replay.follow(0);
  await settle();
  expect(load).toHaveBeenCalledTimes(1);
  replay.follow(75_000);
  await settle();
  expect(load).toHaveBeenCalledTimes(2);
  replay.follow(600_000);
  await settle();
  expect(texts(replay)[0]).toBe('message 48');
  expect(texts(replay).at(-1)).toBe('message 60');
  replay.follow(20_000);
  await settle();
  expect(texts(replay)).toEqual(['message 0', 'message 1', 'message 2']);
});

it('says that it failed, and tries again when it is told to', async () => {
  let works = false;
  const good = pages();
  const replay = new Replay((from) => (works ? good(from) : Promise.reject(new Error('away'))));
  replay.follow(5000);
  await settle();
  expect(replay.state.get()).toMatchObject({ failed: true, rows: [] });
  works = true;
  replay.retry();
  await settle();
  expect(texts(replay)).toEqual(['message 0']);
});

/** Said this long after the picture that its author saw. */
function late(index: number, lag: number): ReplayedMessage {
  const { message, at_ms: said } = all[index] as ReplayedMessage;
  const media_time = (message.at - lag) * 1000;
  return { at_ms: said - lag, message: { ...message, media_time } };
}

it('shows a message with the picture that its author saw, which is some seconds older', async () => {
  const items = [all[0], late(1, 4000), late(2, 12_000)] as ReplayedMessage[];
  const replay = new Replay(() => Promise.resolve({ items, more: false }));
  replay.follow(7000);
  await settle();
  expect(texts(replay)).toEqual(['message 0', 'message 1']);
  replay.follow(8000);
  expect(texts(replay)).toEqual(['message 0', 'message 1', 'message 2']);
});

it('shows what somebody said who looked back in time when it was said, and loads on from there', async () => {
  const load = vi.fn((from: { after_ms: number } | { after: string }) => {
    const rewound = Array.from({ length: PAGE }, (_, index) => late(index + 60, 500_000));
    return Promise.resolve(
      'after' in from ? { items: all.slice(70, 80), more: false } : { items: rewound, more: true },
    );
  });
  const replay = new Replay(load);
  replay.follow(640_000);
  await settle();
  expect(texts(replay)).toEqual([
    'message 60',
    'message 61',
    'message 62',
    'message 63',
    'message 64',
  ]);
  replay.follow(685_000);
  await settle();
  replay.follow(700_000);
  await settle();
  expect(texts(replay).at(-1)).toBe('message 70');
  expect(load).toHaveBeenCalledTimes(2);
});
