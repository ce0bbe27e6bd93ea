// Which way the chat goes: the media's own connection where there is one, else the WebSocket. A change
// of ways is made before the break, and every loss is followed by another attempt.

import { Emitter } from '@/lib/emitter';
import { Backoff } from '@/lib/rtc/backoff';
import type { ChatEvent } from '@/lib/api/generated/ChatEvent';
import { ChannelLine, type Line } from './line';

/** A connection that is being made is mostly there by then; one way is better than two in a row. */
const PATIENCE_MS = 1500;
/** A server that answers at all has answered a join by then. */
const JOIN_WITHIN_MS = 8000;

export interface Ways {
  channel(peer: RTCPeerConnection): ChannelLine;
  socket(): Line;
}

interface RouteEvents {
  /** A way is open: join on it. */
  open: Line;
  /** Said on the way in use, or on one that was asked to let the member in. */
  event: { line: Line; event: ChatEvent };
  /** The way in use is gone; another is looked for. */
  lost: undefined;
}

export class Route extends Emitter<RouteEvents> {
  readonly #ways: Ways;
  readonly #unfit = new WeakSet<RTCPeerConnection>();
  readonly #backoff = new Backoff();
  #peer: RTCPeerConnection | null = null;
  #current: Line | null = null;
  #next: Line | null = null;
  #running = false;
  #timer: ReturnType<typeof setTimeout> | undefined;
  #joining: ReturnType<typeof setTimeout> | undefined;

  constructor(ways: Ways) {
    super();
    this.#ways = ways;
  }

  /** The way in use: the member was let in there. */
  get line(): Line | null {
    return this.#current;
  }

  /** `patient` waits a moment for a connection that is being made. */
  start(patient: boolean): void {
    if (this.#running) return;
    this.#running = true;
    if (this.#fitPeer !== null || !patient) this.#look();
    else this.#later(PATIENCE_MS);
  }

  stop(): void {
    this.#running = false;
    clearTimeout(this.#timer);
    clearTimeout(this.#joining);
    this.#next?.end();
    this.#current?.end();
    this.#next = null;
    this.#current = null;
  }

  /** The connection that carries media now; null while there is none. */
  use(peer: RTCPeerConnection | null): void {
    if (peer === this.#peer) return;
    this.#peer = peer;
    if (!this.#running) return;
    if (peer !== null) this.#look();
    else if (this.#current?.kind === 'channel') this.#lose(this.#current);
    else if (this.#next?.kind === 'channel') this.#drop(this.#next);
  }

  /** The member was let in on this way. */
  adopt(line: Line): void {
    clearTimeout(this.#joining);
    this.#backoff.reset();
    if (this.#current === line) return;
    this.#current?.end();
    this.#current = line;
    this.#next = null;
  }

  /** The server put the member out for a while: it is tried again after `wait`. */
  again(wait: number): void {
    const line = this.#current ?? this.#next;
    this.#current = null;
    this.#next = null;
    line?.end();
    clearTimeout(this.#joining);
    this.emit('lost', undefined);
    this.#later(wait);
  }

  get #fitPeer(): RTCPeerConnection | null {
    const peer = this.#peer;
    return peer === null || this.#unfit.has(peer) ? null : peer;
  }

  #later(wait: number): void {
    clearTimeout(this.#timer);
    this.#timer = setTimeout(() => this.#look(), wait);
  }

  #look(): void {
    clearTimeout(this.#timer);
    if (!this.#running) return;
    const peer = this.#fitPeer;
    if (peer !== null) {
      const there = [this.#current, this.#next];
      if (there.some((line) => line?.kind === 'channel' && peerOf(line) === peer)) return;
      this.#try(this.#ways.channel(peer));
    } else if (this.#current === null && this.#next === null) this.#try(this.#ways.socket());
  }

  #try(line: Line): void {
    this.#next?.end();
    this.#next = line;
    line.on('open', () => {
      this.#await(line);
      this.emit('open', line);
    });
    line.on('event', (event) => {
      if (line === this.#current || line === this.#next) this.emit('event', { line, event });
    });
    line.on('close', () => this.#closed(line));
    line.start();
  }

  /** No answer to a join is a loss too. */
  #await(line: Line): void {
    clearTimeout(this.#joining);
    this.#joining = setTimeout(() => {
      if (line.kind === 'channel') {
        line.end();
        this.#closed(line);
      } else this.emit('open', line);
    }, JOIN_WITHIN_MS);
  }

  #closed(line: Line): void {
    if (line === this.#next) this.#drop(line);
    else if (line === this.#current) this.#lose(line);
  }

  /** A way on which the member was never let in. */
  #drop(line: Line): void {
    clearTimeout(this.#joining);
    if (line.lasting) return;
    this.#next = null;
    const peer = peerOf(line);
    if (peer !== null) this.#unfit.add(peer);
    line.end();
    this.#look();
  }

  #lose(line: Line): void {
    this.emit('lost', undefined);
    // A WebSocket comes back by itself and opens again.
    if (line.lasting) return;
    this.#current = null;
    line.end();
    if (this.#next === null) this.#later(this.#fitPeer === null ? 0 : this.#backoff.next());
  }
}

function peerOf(line: Line): RTCPeerConnection | null {
  return line instanceof ChannelLine ? line.peer : null;
}
