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

/** One who talks on a topic that has messages of its own, such as a chat. */
export interface Talker {
  /** The server is there (again): whoever talks introduces itself first. */
  opened(): void;
  closed(): void;
  said(message: { type: string }): void;
}

export interface Talk {
  /** Lost where the server is not there. */
  say(message: object): void;
  end(): void;
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
  readonly #talkers = new Map<string, Talker>();
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
      this.#rest();
    };
  }

  /** Talks on a topic; one talker a topic. What is said has `type` instead of `event`. */
  talk(topic: string, talker: Talker): Talk {
    this.#talkers.set(topic, talker);
    // Not before the caller has what comes back.
    if (this.state.get().open) queueMicrotask(() => this.#introduce(topic, talker));
    this.#wake();
    return {
      say: (message) => this.#say({ topic, ...message }),
      end: () => {
        if (this.#talkers.get(topic) !== talker) return;
        this.#talkers.delete(topic);
        this.#rest();
      },
    };
  }

  /** Says hello again: somebody signed in or out. */
  restart(): void {
    if (this.#socket === null) return;
    this.#close();
    this.#wake();
  }

  get #idle(): boolean {
    return this.#topics.size === 0 && this.#talkers.size === 0;
  }

  #introduce(topic: string, talker: Talker): void {
    if (this.#talkers.get(topic) === talker && this.state.get().open) talker.opened();
  }

  #rest(): void {
    if (this.#idle) this.#later(() => this.#close(), LINGER_MS);
  }

  #wake(): void {
    if (this.#idle) return;
    if (this.#socket === null) void this.#open();
    // Somebody listens again before the socket was closed for want of listeners.
    else clearTimeout(this.#timer);
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
    for (const [topic, talker] of [...this.#talkers]) this.#introduce(topic, talker);
  }

  #lost(): void {
    this.#socket = null;
    this.#gone();
    if (this.#idle) return;
    const wait = RETRY_MS[Math.min(this.#attempt, RETRY_MS.length - 1)] ?? 0;
    this.#attempt += 1;
    // Everybody's socket falls at once when the server restarts; they do not come back at once.
    this.#later(() => this.#wake(), wait * (0.75 + Math.random() * 0.5));
  }

  #close(): void {
    const socket = this.#socket;
    this.#socket = null;
    this.#gone();
    socket?.close();
  }

  #gone(): void {
    if (!this.state.get().open) return;
    this.state.set({ open: false });
    for (const talker of [...this.#talkers.values()]) talker.closed();
  }

  #later(run: () => void, wait: number): void {
    clearTimeout(this.#timer);
    this.#timer = setTimeout(run, wait);
  }

  #hear(data: unknown): void {
    const message = messageOf(data);
    if (message === null) return;
    const { topic, event, type } = message;
    if (typeof event === 'string')
      this.emit(topic, { topic, event, data: message.data, at: message.at ?? 0 });
    else if (typeof type === 'string') this.#talkers.get(topic)?.said({ ...message, type });
  }

  /** Before the hello nothing is said: the topics follow it. */
  #say(message: object): void {
    if (this.state.get().open) this.#send(message);
  }

  #send(message: object): void {
    this.#socket?.send(JSON.stringify(message));
  }
}

/** Messages without a topic (greetings, refusals) are passed over. */
function messageOf(
  data: unknown,
): (Partial<ServerEvent> & { topic: string; type?: unknown }) | null {
  if (typeof data !== 'string') return null;
  try {
    const value = JSON.parse(data) as (Partial<ServerEvent> & { type?: unknown }) | null;
    return typeof value?.topic === 'string' ? { ...value, topic: value.topic } : null;
  } catch {
    return null;
  }
}
