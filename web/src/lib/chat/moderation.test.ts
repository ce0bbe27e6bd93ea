import { describe, expect, it, vi } from 'vitest';
import { ada, author, chatOnSocket, joined, peerWithChat, RULES, said } from '@/testing/chat';
import { stage } from './test-stage';

const at = stage();

describe('moderation', () => {
  const loud = author('Loud');

  // Requirements: R202
  it('takes away what was deleted, and everything of who was put out', async () => {
    await at.inside(
      joined([said(1, 'one'), said(2, 'two'), said(3, 'noise', loud), said(4, 'more', loud)]),
    );
    at.channel().say({ type: 'deleted', messages: [said(1, '').id] });
    expect(at.shown()).toEqual(['two', 'noise', 'more']);
    at.channel().say({ type: 'moderation', action: 'ban', account: loud.id ?? '' });
    expect(at.shown()).toEqual(['two']);
  });

  it('leaves moderators what was taken away, marked', async () => {
    await at.inside(joined([said(1, 'one')], { you: ada({ moderate: true }) }));
    at.channel().say({ type: 'deleted', messages: [said(1, '').id] });
    expect(at.shown()).toEqual(['one']);
    expect(at.chat.state.get().rows[0]).toMatchObject({ gone: 'deleted' });
  });

  it('reaches what stands still while the reader looks back', async () => {
    await at.inside();
    at.chat.hold(true);
    at.channel().say({ type: 'message', message: said(3, 'three') });
    expect(at.shown()).toEqual(['one', 'two']);
    expect(at.chat.state.get().waiting).toBe(1);
    at.channel().say({ type: 'deleted', messages: [said(2, '').id] });
    expect(at.shown()).toEqual(['one']);
    at.chat.hold(false);
    expect(at.shown()).toEqual(['one', 'three']);
  });

  it('resolves when the server did it, and throws why it did not', async () => {
    await at.inside(joined([], { you: ada({ moderate: true }) }));
    const done = at.chat.act({ action: 'delete', message: 'm' });
    at.channel().say({ type: 'ack', ref: at.channel().last('moderation').ref, state: 'done' });
    await done;
    const refused = at.chat.act({ action: 'ban', account: 'owner', reason: null });
    at.channel().say({
      type: 'error',
      ref: at.channel().last('moderation').ref,
      code: 'permission_denied',
      detail: '',
    });
    await expect(refused).rejects.toMatchObject({ code: 'permission_denied' });
  });

  it('ends the chat for who is banned, and only interrupts it for who was too slow', async () => {
    await at.inside();
    at.channel().say({ type: 'bye', code: 'too_slow', detail: '' });
    expect(at.now().status).toBe('reconnecting');
    await vi.advanceTimersByTimeAsync(3000);
    at.channel().open();
    await at.settle();
    at.channel().say({ type: 'bye', code: 'chat_banned', detail: 'no' });
    at.draw();
    expect(at.chat.state.get()).toMatchObject({
      status: 'refused',
      refusal: { code: 'chat_banned' },
    });
    const last = at.channel();
    await vi.advanceTimersByTimeAsync(60_000);
    expect(at.channel()).toBe(last);
  });

  it('says in the chat what is asked of those who write now', async () => {
    await at.inside(joined([]));
    at.channel().say({ type: 'settings', settings: { ...RULES, slow_seconds: 10 } });
    expect(at.shown()).toEqual(['(mode)']);
  });
});

describe('the way to the chat', () => {
  // Requirements: R187
  it('is the socket where no connection carries a picture, and the connection once there is one', async () => {
    const server = chatOnSocket(joined([said(1, 'one')]));
    at.chat.start(false);
    await vi.advanceTimersByTimeAsync(10);
    expect(at.now().way).toBe('socket');
    expect(server.of('join')[0]).toMatchObject({ token: null });
    at.chat.use(peerWithChat());
    at.channel().open();
    await at.settle();
    expect(server.of('leave')).toHaveLength(0);
    at.channel().say(joined([], { resumed: true }));
    expect(at.now().way).toBe('channel');
    expect(server.of('leave')).toHaveLength(1);
    expect(at.shown()).toEqual(['one']);
  });

  it('is the socket where the server has no chat on the connection', async () => {
    const server = chatOnSocket(joined([said(1, 'one')]));
    at.chat.use(peerWithChat());
    at.chat.start(true);
    at.channel().open();
    at.channel().fall();
    await vi.advanceTimersByTimeAsync(10);
    expect(at.now().way).toBe('socket');
    expect(server.of('join')).toHaveLength(1);
  });

  it('waits a moment for a connection that is being made', async () => {
    const server = chatOnSocket(joined([]));
    at.chat.start(true);
    await vi.advanceTimersByTimeAsync(1000);
    expect(server.of('join')).toHaveLength(0);
    await vi.advanceTimersByTimeAsync(1000);
    expect(server.of('join')).toHaveLength(1);
  });
});

// Requirements: R194
it('shows own reactions at once and not a second time with those of others', async () => {
  await at.inside();
  const seen: unknown[] = [];
  at.chat.on('reactions', (counts) => seen.push(counts));
  at.chat.react('heart');
  at.channel().say({ type: 'reactions', counts: { heart: 3, fire: 1 } });
  at.channel().say({ type: 'reactions', counts: { heart: 1 } });
  expect(seen).toEqual([{ heart: 1 }, { heart: 2, fire: 1 }, { heart: 1 }]);
});
