// Entry of the test page: makes peers by name and calls their methods for the test outside.

import { Chatter } from './chatter.ts';
import { DirectReceiver, DirectSender } from './direct.ts';
import { HlsPlayer } from './hls.ts';
import { Late, type Outcome } from './late.ts';
import { LibraryPublisher, LibraryViewer } from './libraries.ts';
import { Publisher } from './publisher.ts';
import { Viewer } from './viewer.ts';

const makers = {
  publisher: Publisher.start,
  viewer: Viewer.start,
  directSender: async () => new DirectSender(),
  directReceiver: async () => new DirectReceiver(),
  chatter: Chatter.start,
  hlsPlayer: HlsPlayer.start,
  libraryPublisher: LibraryPublisher.start,
  libraryViewer: LibraryViewer.start,
};

const peers = new Map<string, object>();

const e2e = {
  /** Makes a peer of that kind and keeps it under `name`. */
  async make(kind: keyof typeof makers, name: string, options: unknown): Promise<void> {
    const maker = makers[kind] as (options: unknown) => Promise<object>;
    peers.set(name, await maker(options));
  },

  /** Calls the method at `path` (dots descend) of the peer `name`; an undefined result becomes null. */
  async call(name: string, path: string, args: unknown[]): Promise<Outcome> {
    let target: unknown = peers.get(name);
    if (target === undefined) throw new Error(`no peer ${name}`);
    const steps = path.split('.');
    const last = steps.pop() ?? '';
    for (const step of steps) target = (target as Record<string, unknown>)[step];
    const member = (target as Record<string, unknown>)[last];
    try {
      const result = typeof member === 'function' ? await (member as (...args: unknown[]) => unknown).apply(target, args) : member;
      return { value: result === undefined ? null : result };
    } catch (error) {
      if (error instanceof Late) return { late: error.message };
      throw error;
    }
  },
};

export type E2e = typeof e2e;

(window as unknown as { e2e: E2e }).e2e = e2e;
