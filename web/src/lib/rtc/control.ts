// The data channel `sluice-control`, which only our own pages open.

import type { ControlEvent } from '@/lib/api/generated/ControlEvent';
import type { ControlRequest } from '@/lib/api/generated/ControlRequest';
import { Emitter } from '@/lib/emitter';
import { ClockSync, pageNow } from './clock';

const LABEL = 'sluice-control';

/** A quick burst gives a good offset within a quarter of a second; later probes follow the drift. */
const BURST_PROBES = 6;
const BURST_INTERVAL_MS = 40;
const PROBE_INTERVAL_MS = 2000;

export type Viewport = Omit<Extract<ControlRequest, { type: 'viewport' }>, 'type'>;

interface ControlEvents {
  open: undefined;
  close: undefined;
  event: ControlEvent;
}

/** Typed messages both ways, and the clock offset that its pings measure. */
export class ControlChannel extends Emitter<ControlEvents> {
  readonly clock = new ClockSync();
  readonly #channel: RTCDataChannel;
  #viewport: Viewport | null = null;
  #selected: string | null | undefined;
  #probes = 0;
  #timer: ReturnType<typeof setTimeout> | undefined;
  #wasOpen = false;
  #newest = new Map<string, ControlEvent>();

  /** Must be called before the offer is made: there is no renegotiation. */
  constructor(connection: RTCPeerConnection) {
    super();
    this.#channel = connection.createDataChannel(LABEL);
    this.#channel.onopen = () => this.#opened();
    this.#channel.onclose = () => this.#closed();
    this.#channel.onmessage = (message: MessageEvent<unknown>) => this.#received(message.data);
  }

  get isOpen(): boolean {
    return this.#channel.readyState === 'open';
  }

  /** What the player can show; remembered until the channel opens. */
  viewport(viewport: Viewport): void {
    this.#viewport = viewport;
    this.#send({ type: 'viewport', ...viewport });
  }

  /** Pins a layer, or gives the choice back to the server with null. */
  select(rid: string | null): void {
    this.#selected = rid;
    this.#send({ type: 'select', rid });
  }

  /** The newest event of each type so far: what was said before anybody listened. */
  said(): ControlEvent[] {
    return [...this.#newest.values()];
  }

  close(): void {
    clearTimeout(this.#timer);
    this.#channel.close();
  }

  #opened(): void {
    this.#wasOpen = true;
    if (this.#viewport !== null) this.#send({ type: 'viewport', ...this.#viewport });
    if (this.#selected !== undefined) this.#send({ type: 'select', rid: this.#selected });
    this.#probe();
    this.emit('open', undefined);
  }

  #closed(): void {
    clearTimeout(this.#timer);
    if (this.#wasOpen) this.emit('close', undefined);
  }

  #probe(): void {
    this.#send({ type: 'ping', id: this.#probes, sent: pageNow() });
    this.#probes += 1;
    const wait = this.#probes < BURST_PROBES ? BURST_INTERVAL_MS : PROBE_INTERVAL_MS;
    this.#timer = setTimeout(() => this.#probe(), wait);
  }

  #send(request: ControlRequest): void {
    if (this.isOpen) this.#channel.send(JSON.stringify(request));
  }

  #received(data: unknown): void {
    const received = pageNow();
    const event = parseEvent(data);
    if (event === null) return;
    if (event.type === 'pong') this.clock.add(event.sent, received, event.server_time / 1000);
    this.#newest.set(event.type, event);
    this.emit('event', event);
  }
}

/** Types that we do not know pass through here too: a newer server may send them, and nobody listens. */
function parseEvent(data: unknown): ControlEvent | null {
  if (typeof data !== 'string') return null;
  try {
    const value: unknown = JSON.parse(data);
    return typeof value === 'object' && value !== null && 'type' in value
      ? (value as ControlEvent)
      : null;
  } catch {
    return null;
  }
}
