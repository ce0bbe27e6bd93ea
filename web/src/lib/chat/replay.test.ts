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
