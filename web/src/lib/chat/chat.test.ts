import { describe, expect, it, vi } from 'vitest';
import { author, joined, peerWithChat, said } from '@/testing/chat';
import { stage } from './test-stage';

const at = stage();

describe('a chat on the data channel of the picture', () => {
  // Requirements: R186, R191
  it('joins with who is signed in, and shows what was said before', async () => {
    await at.inside();
    expect(at.channel().last('join')).toEqual({ type: 'join', v: 1, token: 'jwt', after: null });
    expect(at.shown()).toEqual(['one', 'two']);
    expect(at.chat.state.get()).toMatchObject({ status: 'open', way: 'channel' });
  });

  // Requirements: R191
  it('goes on from the newest message after a loss, each message once', async () => {
    await at.inside();
    const first = at.channel();
    first.fall();
    expect(at.now().status).toBe('reconnecting');
    await vi.advanceTimersByTimeAsync(500);
    expect(at.channel()).not.toBe(first);
    at.channel().open();
    await at.settle();
    expect(at.channel().last('join').after).toBe(said(2, '').id);
    at.channel().say(joined([said(2, 'two'), said(3, 'three')], { resumed: true }));
    expect(at.shown()).toEqual(['one', 'two', 'three']);
  });

  it('says that messages are missing where the server could not go on without a gap', async () => {
    await at.inside();
    at.channel().fall();
    await vi.advanceTimersByTimeAsync(500);
    at.channel().open();
    await at.settle();
    at.channel().say(joined([said(90, 'ninety')]));
    expect(at.shown()).toEqual(['one', 'two', '(gap)', 'ninety']);
  });

  it('tells of a hundred messages once, and keeps the rows that did not change', async () => {
    await at.inside();
    const [before] = at.chat.state.get().rows;
    const told = vi.fn();
    at.chat.state.subscribe(told);
    for (let n = 3; n < 103; n += 1)
      at.channel().say({ type: 'message', message: said(n, `${n}`) });
    expect(told).not.toHaveBeenCalled();
    at.draw();
    expect(told).toHaveBeenCalledTimes(1);
    expect(at.chat.state.get().rows).toHaveLength(102);
    expect(at.chat.state.get().rows[0]).toBe(before);
  });

  it('keeps five hundred rows', async () => {
    await at.inside();
    for (let n = 3; n < 700; n += 1)
      at.channel().say({ type: 'message', message: said(n, `${n}`) });
    const rows = at.shown();
    expect(rows).toHaveLength(500);
    expect(rows.at(-1)).toBe('699');
  });

  it('shows messages in the order of their ids, however they come', async () => {
    await at.inside();
    at.channel().say({ type: 'message', message: said(5, 'five') });
    at.channel().say({ type: 'message', message: said(4, 'four') });
    expect(at.shown()).toEqual(['one', 'two', 'four', 'five']);
  });
});

describe('what the reader writes', () => {
  const mine = (n: number, text: string) => said(n, text, author('Ada'));

  it('is shown at once, and once only whichever comes first, the message or its acknowledgement', async () => {
    await at.inside();
    at.chat.say('hello');
    expect(at.shown().at(-1)).toBe('pending:hello');
    const { ref } = at.channel().last('message');
    at.channel().say({ type: 'ack', ref, id: mine(3, '').id, state: 'delivered' });
    at.channel().say({ type: 'message', message: mine(3, 'hello') });
    expect(at.shown()).toEqual(['one', 'two', 'hello']);
    at.chat.say('again');
    at.channel().say({ type: 'message', message: mine(4, 'again') });
    at.channel().say({
      type: 'ack',
      ref: at.channel().last('message').ref,
      id: mine(4, '').id,
      state: 'delivered',
    });
    at.channel().say({ type: 'ack', id: mine(4, '').id, state: 'stored' });
    expect(at.shown()).toEqual(['one', 'two', 'hello', 'again']);
    expect(at.chat.state.get().rows.at(-1)).toMatchObject({ own: 'stored' });
  });

  it('says which picture was on the screen when it was written, and nothing where there was none', async () => {
    await at.inside();
    at.chat.say('before the picture');
    expect(at.channel().last('message').media_time).toBeNull();
    at.seen = 1_790_000_000_123.4567;
    at.chat.say('what a goal');
    expect(at.channel().last('message').media_time).toBe(1_790_000_000_123_457);
  });

  it('keeps the time of the picture while it waits for the chat', async () => {
    at.seen = 1_790_000_000_000;
    at.chat.say('early');
    at.seen = 1_790_000_009_000;
    await at.inside();
    expect(at.channel().last('message')).toMatchObject({ text: 'early', media_time: 1.79e15 });
  });

  it('stays below what others say until the server has it', async () => {
    await at.inside();
    at.chat.say('mine');
    at.channel().say({ type: 'message', message: said(3, 'theirs') });
    expect(at.shown().slice(-2)).toEqual(['theirs', 'pending:mine']);
  });

  // Requirements: R203
  it('waits where it is held, and says what became of it', async () => {
    await at.inside();
    at.chat.say('buy this');
    const { ref } = at.channel().last('message');
    at.channel().say({ type: 'ack', ref, id: 'held-1', state: 'held' });
    expect(at.shown().at(-1)).toBe('held:buy this');
    at.channel().say({ type: 'settled', message: 'held-1', outcome: 'denied' });
    expect(at.shown().at(-1)).toBe('denied:buy this');
  });

  it('is offered again where the server refused it or did not answer', async () => {
    await at.inside();
    at.chat.say('fast');
    const { ref } = at.channel().last('message');
    at.channel().say({ type: 'error', ref, code: 'slow_mode', detail: '', retry_after: 4000 });
    expect(at.shown().at(-1)).toBe('failed:fast');
    expect(at.chat.state.get().nextAt).toBe(Date.now() + 4000);
    at.chat.sayAgain(ref ?? '');
    expect(at.channel().last('message').ref).not.toBe(ref);
    expect(at.shown().at(-1)).toBe('pending:fast');
    await vi.advanceTimersByTimeAsync(10_000);
    expect(at.shown().at(-1)).toBe('failed:fast');
  });

  it('is not called lost where the history after a loss has it', async () => {
    await at.inside();
    at.chat.say('arrived');
    at.chat.say('lost');
    at.channel().fall();
    await vi.advanceTimersByTimeAsync(500);
    at.channel().open();
    await at.settle();
    at.channel().say(joined([mine(3, 'arrived')], { resumed: true }));
    expect(at.shown()).toEqual(['one', 'two', 'arrived', 'failed:lost']);
  });

  it('waits for the chat where it is written before the chat is there', async () => {
    at.chat.use(peerWithChat());
    at.chat.start(true);
    at.chat.say('early');
    at.channel().open();
    await at.settle();
    at.channel().say(joined([]));
    expect(at.channel().last('message').text).toBe('early');
  });
});
