// A chat whose server, frames and clock the test drives.

import { afterEach, beforeEach, vi } from 'vitest';
import { EventSocket } from '@/lib/events/socket';
import { FakeChannel, frames, joined, peerWithChat, said, STREAM } from '@/testing/chat';
import { FakeEvents } from '@/testing/streams';
import { Chat } from './chat';
import { ChannelLine } from './line';
import { SocketLine } from './socket-line';
import type { ChatState } from './state';

const page = frames();

export interface Stage {
  chat: Chat;
  /** The channel that the page opened last. */
  channel(): FakeChannel;
  /** Draws a frame, and gives what is known then. */
  now(): ChatState;
  /** The same as texts. */
  shown(): string[];
  draw(): void;
  settle(): Promise<unknown>;
  /** Capture time of the picture beside the chat, in milliseconds. */
  seen: number | null;
  /** Lets the page into the chat over a data channel. */
  inside(event?: ReturnType<typeof joined>): Promise<void>;
}

/** A fresh browser and chat before each test. */
export function stage(): Stage {
  const self: Stage = {
    chat: make(() => null),
    seen: null,
    channel: () => FakeChannel.newest as FakeChannel,
    draw: page.draw,
    now: () => {
      page.draw();
      return self.chat.state.get();
    },
    shown: () =>
      self
        .now()
        .rows.map((row) =>
          row.kind === 'notice'
            ? `(${row.notice.what})`
            : row.kind === 'own'
              ? `${row.state}:${row.text}`
              : row.message.text,
        ),
    settle: () => vi.advanceTimersByTimeAsync(0),
    inside: async (event = joined([said(1, 'one'), said(2, 'two')])) => {
      self.chat.use(peerWithChat());
      self.chat.start(true);
      self.channel().open();
      await self.settle();
      self.channel().say(event);
      page.draw();
    },
  };
  beforeEach(() => {
    vi.useFakeTimers();
    FakeEvents.install();
    FakeChannel.newest = null;
    self.seen = null;
    self.chat = make(() => self.seen);
  });
  afterEach(() => {
    self.chat.stop();
    vi.useRealTimers();
    vi.unstubAllGlobals();
  });
  return self;
}

function make(seen: () => number | null): Chat {
  return new Chat({
    channel: (peer) => new ChannelLine(peer),
    socket: () => new SocketLine(new EventSocket('ws://x/ws', () => Promise.resolve(null)), STREAM),
    token: () => Promise.resolve('jwt'),
    soon: page.soon,
    now: () => Date.now(),
    seen,
  });
}
