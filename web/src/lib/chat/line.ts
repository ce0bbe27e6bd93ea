// A way to the chat: a data channel of a running WebRTC connection, or the page's WebSocket.

import type { ChatEvent } from '@/lib/api/generated/ChatEvent';
import type { ChatRequest } from '@/lib/api/generated/ChatRequest';
import { Emitter } from '@/lib/emitter';

interface LineEvents {
  /** May come again after `close` on a way that comes back by itself. */
  open: undefined;
  event: ChatEvent;
  close: undefined;
}

export abstract class Line extends Emitter<LineEvents> {
  abstract readonly kind: 'channel' | 'socket';
  /** Comes back by itself after a loss. */
  abstract readonly lasting: boolean;
  abstract get isOpen(): boolean;
  abstract start(): void;
  abstract send(request: ChatRequest): void;
  /** Ends it for good; nothing is emitted any more. */
  abstract end(): void;
}

const LABEL = 'sluice-chat';
/** The channel is one round trip away; a server that does not open it by then has no chat there. */
const OPEN_WITHIN_MS = 5000;

/**
 * A channel of a connection that carries media. It needs no new offer, since the control channel
 * brought SCTP along already.
 */
export class ChannelLine extends Line {
  readonly kind = 'channel';
  readonly lasting = false;
  readonly peer: RTCPeerConnection;
  #channel: RTCDataChannel | null = null;
  #timer: ReturnType<typeof setTimeout> | undefined;
  #over = false;

  constructor(peer: RTCPeerConnection) {
    super();
    this.peer = peer;
  }

  get isOpen(): boolean {
    return this.#channel?.readyState === 'open';
  }

  start(): void {
    try {
      this.#channel = this.peer.createDataChannel(LABEL, { ordered: true });
    } catch {
      // The connection was closed meanwhile.
      queueMicrotask(() => this.#closed());
      return;
    }
    this.#timer = setTimeout(() => this.#closed(), OPEN_WITHIN_MS);
    this.#channel.onopen = () => {
      clearTimeout(this.#timer);
      if (!this.#over) this.emit('open', undefined);
    };
    this.#channel.onclose = () => this.#closed();
    this.#channel.onmessage = ({ data }: MessageEvent<unknown>) => {
      const event = eventOf(data);
      if (event !== null && !this.#over) this.emit('event', event);
    };
  }

  send(request: ChatRequest): void {
    if (this.isOpen) this.#channel?.send(JSON.stringify(request));
  }

  end(): void {
    clearTimeout(this.#timer);
    if (this.isOpen) this.send({ type: 'leave' });
    this.#over = true;
    this.#channel?.close();
  }

  #closed(): void {
    if (this.#over) return;
    clearTimeout(this.#timer);
    this.#over = true;
    this.#channel?.close();
    this.emit('close', undefined);
  }
}

/** Types that we do not know pass through: a newer server may send them, and nobody listens. */
function eventOf(data: unknown): ChatEvent | null {
  if (typeof data !== 'string') return null;
  try {
    const value: unknown = JSON.parse(data);
    return typeof value === 'object' && value !== null && 'type' in value
      ? (value as ChatEvent)
      : null;
  } catch {
    return null;
  }
}
