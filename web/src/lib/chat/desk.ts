// What moderators see besides the chat: held messages, who is here, and that something was done.

import type { ChatAuthor } from '@/lib/api/generated/ChatAuthor';
import type { ChatEvent } from '@/lib/api/generated/ChatEvent';
import { Snapshot } from '@/lib/snapshot';
import type { Held } from './types';

export interface DeskState {
  /** Oldest first. */
  held: readonly Held[];
  /** Null until somebody asked. */
  members: readonly ChatAuthor[] | null;
  /** Grows with every act, so that lists of acts and bans know that they are old. */
  acts: number;
}

/** A queue longer than this is not worked through by looking at it. */
const MOST_HELD = 200;

export class Desk {
  readonly state = new Snapshot<DeskState>({ held: [], members: null, acts: 0 });

  hear(event: ChatEvent): void {
    switch (event.type) {
      case 'held':
        this.add([{ message: event.message, reasons: event.reasons }]);
        break;
      case 'settled':
        this.drop(event.message);
        this.#acted();
        break;
      case 'members':
        this.state.set({ members: event.members });
        break;
      case 'presence': {
        const { members } = this.state.get();
        if (members === null || event.change == null) break;
        const { joined, left } = event.change;
        const gone = new Set([...left, ...joined.map(({ id }) => id)]);
        const stayed = members.filter(({ id }) => !gone.has(id));
        this.state.set({ members: [...stayed, ...joined.filter(({ id }) => id !== null)] });
        break;
      }
      case 'moderation':
      case 'deleted':
      case 'cleared':
      case 'settings':
      case 'pinned':
        this.#acted();
        break;
      default:
        break;
    }
  }

  /** Puts in what the API knows of; each message once. */
  add(found: readonly Held[]): void {
    const { held } = this.state.get();
    const known = new Set(held.map(({ message }) => message.id));
    const fresh = found.filter(({ message }) => !known.has(message.id));
    if (fresh.length === 0) return;
    const all = [...held, ...fresh].sort((one, other) =>
      one.message.id < other.message.id ? -1 : 1,
    );
    this.state.set({ held: all.slice(-MOST_HELD) });
  }

  drop(message: string): void {
    const { held } = this.state.get();
    const left = held.filter((entry) => entry.message.id !== message);
    if (left.length < held.length) this.state.set({ held: left });
  }

  #acted(): void {
    this.state.set({ acts: this.state.get().acts + 1 });
  }
}
