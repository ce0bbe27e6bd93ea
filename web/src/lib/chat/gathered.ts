// Changes of a chat, told once for all that happen until the next picture.

import { Snapshot } from '@/lib/snapshot';
import { AT_FIRST, type ChatState } from './state';
import type { Transcript } from './transcript';

export class Gathered {
  readonly state = new Snapshot<ChatState>(AT_FIRST);
  readonly #transcript: Transcript;
  readonly #soon: (run: () => void) => void;
  #next: Partial<ChatState> = {};
  #stale = false;
  #due = false;

  constructor(transcript: Transcript, soon: (run: () => void) => void) {
    this.#transcript = transcript;
    this.#soon = soon;
  }

  /** As it will be told. */
  get now(): ChatState {
    return { ...this.state.get(), ...this.#next };
  }

  /** `rows` where the transcript changed too. */
  change(change: Partial<ChatState>, rows = false): void {
    Object.assign(this.#next, change);
    this.#stale ||= rows;
    if (this.#due) return;
    this.#due = true;
    this.#soon(() => this.#tell());
  }

  #tell(): void {
    this.#due = false;
    const next = this.#next;
    this.#next = {};
    if (this.#stale) {
      const you = next.you ?? this.state.get().you;
      next.rows = this.#transcript.shown(you?.may.moderate ?? false);
      next.waiting = this.#transcript.waiting;
      next.still = this.#transcript.isStill;
      this.#stale = false;
    }
    this.state.set(next);
  }
}
