// The client of `/ws`: one socket a page, topics on it, and it comes back by itself.

import { Emitter } from '@/lib/emitter';
import { Snapshot } from '@/lib/snapshot';

/** What the server says on a topic. */
export interface ServerEvent {
  topic: string;
  event: string;
  data: unknown;
  /** UTC milliseconds. */
  at: number;
}

/** `since` counts connections, so that a page can ask again for what it may have missed. */
interface SocketState {
  open: boolean;
  since: number;
}

/** Waits between attempts: the first is short because most interruptions are, the last is kind to a server that restarts. */
const RETRY_MS = [500, 1000, 2000, 5000, 10_000];
/** A page that nobody listens on keeps its socket this long: the next page mostly listens again. */
const LINGER_MS = 5000;

export class EventSocket extends Emitter<Record<string, ServerEvent>> {
  readonly state = new Snapshot<SocketState>({ open: false, since: 0 });
  readonly #url: string;
  readonly #token: () => Promise<string | null>;
  readonly #topics = new Map<string, number>();
  #socket: WebSocket | null = null;
  #attempt = 0;
  #timer: ReturnType<typeof setTimeout> | undefined;

  constructor(url: string, token: () => Promise<string | null>) {
    super();
    this.#url = url;
    this.#token = token;
  }

  /** Hears a topic until the function that comes back is called. */
  subscribe(topic: string, listener: (event: ServerEvent) => void): () => void {
    const off = this.on(topic, listener);
    const count = this.#topics.get(topic) ?? 0;
    this.#topics.set(topic, count + 1);
    if (count === 0) this.#say({ type: 'subscribe', topic });
    this.#wake();
    return () => {
      off();
      const left = (this.#topics.get(topic) ?? 1) - 1;
      if (left > 0) {
        this.#topics.set(topic, left);
        return;
      }
      this.#topics.delete(topic);
      this.#say({ type: 'unsubscribe', topic });
      if (this.#topics.size === 0) this.#later(() => this.#close(), LINGER_MS);
    };
  }

  /** Says hello again: somebody signed in or out. */
  restart(): void {
    if (this.#socket === null) return;
    this.#close();
    this.#wake();
  }

  #wake(): void {
    if (this.#topics.size === 0) return;
    if (this.#socket === null) void this.#open();
    else if (this.state.get().open) clearTimeout(this.#timer);
  }

  async #open(): Promise<void> {
    clearTimeout(this.#timer);
    const socket = new WebSocket(this.#url);
    this.#socket = socket;
    socket.onclose = () => {
      if (this.#socket === socket) this.#lost();
    };
    socket.onmessage = ({ data }) => this.#hear(data);
    const token = this.#token();
    await new Promise((resolve) => (socket.onopen = resolve));
    const bearer = await token.catch(() => null);
    if (this.#socket !== socket) return;
    this.#attempt = 0;
    this.#send({ type: 'hello', ...(bearer === null ? {} : { token: bearer }) });
    for (const topic of this.#topics.keys()) this.#send({ type: 'subscribe', topic });
    this.state.set({ open: true, since: this.state.get().since + 1 });
  }

  #lost(): void {
    this.#socket = null;
    this.state.set({ open: false });
    if (this.#topics.size === 0) return;
    const wait = RETRY_MS[Math.min(this.#attempt, RETRY_MS.length - 1)] ?? 0;
    this.#attempt += 1;
    // Everybody's socket falls at once when the server restarts; they do not come back at once.
    this.#later(() => this.#wake(), wait * (0.75 + Math.random() * 0.5));
  }

  #close(): void {
    const socket = this.#socket;
    this.#socket = null;
    this.state.set({ open: false });
    socket?.close();
  }

  #later(run: () => void, wait: number): void {
    clearTimeout(this.#timer);
    this.#timer = setTimeout(run, wait);
  }

  #hear(data: unknown): void {
    const event = eventOf(data);
    if (event !== null) this.emit(event.topic, event);
  }

  /** Before the hello nothing is said: the topics follow it. */
  #say(message: object): void {
    if (this.state.get().open) this.#send(message);
  }

  #send(message: object): void {
    this.#socket?.send(JSON.stringify(message));
  }
}

/** Messages that are no events of a topic (greetings, refusals) are passed over. */
function eventOf(data: unknown): ServerEvent | null {
  if (typeof data !== 'string') return null;
  try {
    const value = JSON.parse(data) as Partial<ServerEvent> | null;
    if (typeof value?.topic !== 'string' || typeof value.event !== 'string') return null;
    return { topic: value.topic, event: value.event, data: value.data, at: value.at ?? 0 };
  } catch {
    return null;
  }
}
