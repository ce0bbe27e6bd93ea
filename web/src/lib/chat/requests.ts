// What was asked of the server and not answered yet, by its `ref`.

import type { ChatEvent } from '@/lib/api/generated/ChatEvent';
import { ProblemError } from '@/lib/api/problem';

/** An answer takes one round trip; beyond this the way is dead and nobody should wait on. */
const ANSWER_WITHIN_MS = 10_000;

interface Waiting {
  resolve(event: ChatEvent): void;
  reject(problem: ProblemError): void;
  timer: ReturnType<typeof setTimeout>;
}

let page = 0;

export class Requests {
  /** Two chats on one page (a pop-out has its own) never share a name. */
  readonly #name = `${Date.now().toString(36)}-${(page += 1)}`;
  readonly #waiting = new Map<string, Waiting>();
  #count = 0;

  ref(): string {
    this.#count += 1;
    return `${this.#name}-${this.#count}`;
  }

  /** Sends with a new `ref`, and waits for the answer that names it. */
  ask(send: (ref: string) => boolean): Promise<ChatEvent> {
    const ref = this.ref();
    return new Promise((resolve, reject) => {
      const timer = setTimeout(
        () => this.#settle(ref)?.reject(new ProblemError('timeout')),
        ANSWER_WITHIN_MS,
      );
      this.#waiting.set(ref, { resolve, reject, timer });
      if (!send(ref)) this.#settle(ref)?.reject(new ProblemError('network'));
    });
  }

  /** Whether somebody waited for it. */
  answer(event: ChatEvent): boolean {
    const ref = 'ref' in event ? event.ref : null;
    const waiting = ref == null ? null : this.#settle(ref);
    if (waiting == null) return false;
    if (event.type !== 'error') waiting.resolve(event);
    else waiting.reject(new ProblemError(event.code, { detail: event.detail }));
    return true;
  }

  /** The way is gone: what was asked there is not answered any more. */
  fail(): void {
    for (const ref of [...this.#waiting.keys()])
      this.#settle(ref)?.reject(new ProblemError('network'));
  }

  #settle(ref: string): Waiting | null {
    const waiting = this.#waiting.get(ref) ?? null;
    this.#waiting.delete(ref);
    clearTimeout(waiting?.timer);
    return waiting;
  }
}
