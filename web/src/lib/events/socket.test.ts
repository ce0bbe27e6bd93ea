import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { EventSocket, type ServerEvent } from './socket';

/** The browser's end of a WebSocket whose server is the test. */
class FakeSocket {
  static all: FakeSocket[] = [];
  onopen: (() => void) | null = null;
  onclose: (() => void) | null = null;
  onmessage: ((message: { data: unknown }) => void) | null = null;
  sent: unknown[] = [];
  constructor(readonly url: string) {
    FakeSocket.all.push(this);
  }
  send(text: string) {
    this.sent.push(JSON.parse(text));
  }
  close() {
    this.onclose?.();
  }
}

const newest = () => FakeSocket.all.at(-1) as FakeSocket;
const settle = () => vi.advanceTimersByTimeAsync(0);

beforeEach(() => {
  FakeSocket.all = [];
  vi.useFakeTimers();
  vi.stubGlobal('WebSocket', FakeSocket);
});
afterEach(() => {
  vi.useRealTimers();
  vi.unstubAllGlobals();
});

describe('the event socket', () => {
  it('greets with the token, subscribes once a topic and hands on what is said there', async () => {
    const socket = new EventSocket('ws://x/ws', () => Promise.resolve('jwt'));
    const heard: ServerEvent[] = [];
    socket.subscribe('streams', (event) => heard.push(event));
    const off = socket.subscribe('streams', () => undefined);
    newest().onopen?.();
    await settle();
    expect(newest().sent).toEqual([
      { type: 'hello', token: 'jwt' },
      { type: 'subscribe', topic: 'streams' },
    ]);
    const event = { topic: 'streams', event: 'stream.online', data: { name: 'a' }, at: 5 };
    newest().onmessage?.({ data: JSON.stringify(event) });
    newest().onmessage?.({ data: '{"type":"welcome"}' });
    newest().onmessage?.({ data: 'not json' });
    expect(heard).toEqual([event]);
    off();
    expect(newest().sent).toHaveLength(2);
  });

  it('comes back after a loss with all topics, and tells how often it did', async () => {
    const socket = new EventSocket('ws://x/ws', () => Promise.resolve(null));
    socket.subscribe('streams', () => undefined);
    newest().onopen?.();
    await settle();
    expect(newest().sent[0]).toEqual({ type: 'hello' });
    newest().close();
    expect(socket.state.get().open).toBe(false);
    await vi.advanceTimersByTimeAsync(1000);
    expect(FakeSocket.all).toHaveLength(2);
    newest().onopen?.();
    await settle();
    expect(newest().sent).toEqual([{ type: 'hello' }, { type: 'subscribe', topic: 'streams' }]);
    expect(socket.state.get()).toEqual({ open: true, since: 2 });
  });

  it('is closed some time after nobody listens any more', async () => {
    const socket = new EventSocket('ws://x/ws', () => Promise.resolve(null));
    const off = socket.subscribe('streams', () => undefined);
    newest().onopen?.();
    await settle();
    off();
    expect(newest().sent.at(-1)).toEqual({ type: 'unsubscribe', topic: 'streams' });
    expect(socket.state.get().open).toBe(true);
    await vi.advanceTimersByTimeAsync(6000);
    expect(socket.state.get().open).toBe(false);
    expect(FakeSocket.all).toHaveLength(1);
  });

  it('stays when the next page listens while it is still being opened', async () => {
    const socket = new EventSocket('ws://x/ws', () => Promise.resolve(null));
    const heard: string[] = [];
    socket.subscribe('streams', () => undefined)();
    socket.subscribe('studio:1', ({ event }) => heard.push(event));
    await vi.advanceTimersByTimeAsync(1000);
    newest().onopen?.();
    await vi.advanceTimersByTimeAsync(10_000);
    expect(socket.state.get().open).toBe(true);
    expect(newest().sent).toEqual([{ type: 'hello' }, { type: 'subscribe', topic: 'studio:1' }]);
    newest().onmessage?.({ data: '{"topic":"studio:1","event":"stream.online"}' });
    expect(heard).toEqual(['stream.online']);
  });

  it('greets anew when somebody signed in', async () => {
    let token: string | null = null;
    const socket = new EventSocket('ws://x/ws', () => Promise.resolve(token));
    socket.subscribe('me', () => undefined);
    newest().onopen?.();
    await settle();
    token = 'jwt';
    socket.restart();
    newest().onopen?.();
    await settle();
    expect(newest().sent[0]).toEqual({ type: 'hello', token: 'jwt' });
  });
});
