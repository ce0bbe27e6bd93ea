// The chat over the page's WebSocket: the same messages, each with the topic of the chat.

import type { ChatEvent } from '@/lib/api/generated/ChatEvent';
import type { ChatRequest } from '@/lib/api/generated/ChatRequest';
import type { EventSocket, Talk } from '@/lib/events/socket';
import { Line } from './line';

export class SocketLine extends Line {
  readonly kind = 'socket';
  readonly lasting = true;
  readonly #socket: EventSocket;
  readonly #topic: string;
  #talk: Talk | null = null;

  constructor(socket: EventSocket, stream: string) {
    super();
    this.#socket = socket;
    this.#topic = `chat:${stream}`;
  }

  get isOpen(): boolean {
    return this.#talk !== null && this.#socket.state.get().open;
  }

  start(): void {
    this.#talk = this.#socket.talk(this.#topic, {
      opened: () => this.emit('open', undefined),
      closed: () => this.emit('close', undefined),
      said: (message) => this.emit('event', message as unknown as ChatEvent),
    });
  }

  send(request: ChatRequest): void {
    this.#talk?.say(request);
  }

  end(): void {
    const talk = this.#talk;
    this.#talk = null;
    talk?.say({ type: 'leave' });
    talk?.end();
  }
}
