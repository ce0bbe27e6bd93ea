// The chat of a stream with what a page has: its socket, its session, its frames.

import { events } from '@/lib/events/events';
import { session } from '@/lib/auth/session';
import { Chat } from './chat';
import { ChannelLine } from './line';
import { SocketLine } from './socket-line';

/** A tab that nobody sees draws no frames; its state is still brought up to date now and then. */
const UNSEEN_MS = 250;

/** `seen` as in `ChatParts`. */
export function pageChat(stream: string, seen: () => number | null): Chat {
  return new Chat({
    channel: (peer) => new ChannelLine(peer),
    socket: () => new SocketLine(events, stream),
    token: () => session.token(),
    soon: (run) => {
      if (document.hidden) setTimeout(run, UNSEEN_MS);
      else requestAnimationFrame(run);
    },
    now: () => Date.now(),
    seen,
  });
}
