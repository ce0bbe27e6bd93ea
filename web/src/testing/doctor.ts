// A network for the connection doctor: which ways of it work, and what its server says.

import { vi } from 'vitest';
import type { DoctorNode, Diagnosis } from '@/lib/doctor/types';
import { json, serve, type FakeNetwork } from './server';

/** What gets through. */
export interface Ways {
  udp: boolean;
  tcp: boolean;
  /** URLs of relays that give an allocation. */
  relays: readonly string[];
  /** Of messages of the echo channel: whether one of this number and size comes back. */
  echoes(number: number, bytes: number): boolean;
  /** Milliseconds until it does. */
  roundTrip: number;
}

export const ALL: Ways = {
  udp: true,
  tcp: true,
  relays: ['turn:relay.example:3478?transport=udp'],
  echoes: () => true,
  roundTrip: 24,
};

export const NODE: DoctorNode = {
  node: {
    version: '0.1.0',
    time_ms: 0,
    media: ['203.0.113.7:8189'],
    media_tcp: true,
    relays: ['turn:relay.example:3478?transport=udp'],
  },
  relays: [{ url: 'turn:relay.example:3478?transport=udp', username: '1:doctor', credential: 'x' }],
  limits: {
    session_seconds: 30,
    echo_bytes: 1200,
    echo_per_second: 100,
    download_bytes: 25_000_000,
    upload_bytes: 25_000_000,
    bytes_per_minute: 100_000_000,
  },
};

const ANSWER = [
  'v=0',
  'a=candidate:1 1 udp 2 203.0.113.7 8189 typ host',
  'a=candidate:2 1 tcp 1 203.0.113.7 8189 typ host tcptype passive',
  '',
].join('\r\n');

let ways = ALL;

class FakeEcho {
  readyState = 'connecting';
  bufferedAmount = 0;
  binaryType = '';
  onopen: (() => void) | null = null;
  onclose: (() => void) | null = null;
  onmessage: ((message: { data: ArrayBuffer }) => void) | null = null;

  open(): void {
    if (this.readyState === 'closed') return;
    this.readyState = 'open';
    this.onopen?.();
  }

  send(data: ArrayBuffer): void {
    if (!ways.echoes(new DataView(data).getUint32(0), data.byteLength)) return;
    setTimeout(() => this.onmessage?.({ data }), ways.roundTrip);
  }

  close(): void {
    this.readyState = 'closed';
  }
}

/** A peer connection in that network. */
class FakeRoad {
  static readonly open = new Set<FakeRoad>();
  connectionState = 'new';
  localDescription: { sdp: string } | null = null;
  onicecandidate: ((event: { candidate: { candidate: string } | null }) => void) | null = null;
  onicecandidateerror: ((event: { errorCode: number }) => void) | null = null;
  onconnectionstatechange: (() => void) | null = null;
  readonly #channel = new FakeEcho();
  readonly #relay: string | null;

  constructor({ iceServers, iceTransportPolicy }: RTCConfiguration = {}) {
    this.#relay = iceTransportPolicy === 'relay' ? String(iceServers?.[0]?.urls) : null;
    FakeRoad.open.add(this);
  }

  createDataChannel(): FakeEcho {
    return this.#channel;
  }

  createOffer(): Promise<{ type: string; sdp: string }> {
    return Promise.resolve({ type: 'offer', sdp: 'v=0\r\n' });
  }

  setLocalDescription(description: { sdp: string }): Promise<void> {
    this.localDescription = description;
    setTimeout(() => {
      if (this.#relay === null) return;
      if (ways.relays.includes(this.#relay))
        this.onicecandidate?.({
          candidate: { candidate: 'candidate:1 1 udp 1 192.0.2.9 50000 typ relay' },
        });
      else this.onicecandidateerror?.({ errorCode: 701 });
      this.onicecandidate?.({ candidate: null });
    }, ways.roundTrip);
    return Promise.resolve();
  }

  setRemoteDescription({ sdp }: { sdp: string }): Promise<void> {
    const through =
      this.#relay !== null
        ? ways.relays.includes(this.#relay)
        : / udp /i.test(sdp)
          ? ways.udp
          : ways.tcp;
    setTimeout(() => {
      if (through) return this.#channel.open();
      this.connectionState = 'failed';
      this.onconnectionstatechange?.();
    }, ways.roundTrip);
    return Promise.resolve();
  }

  getStats(): Promise<Map<string, object>> {
    return Promise.resolve(
      new Map<string, object>([
        ['t', { id: 't', type: 'transport', selectedCandidatePairId: 'p' }],
        [
          'p',
          {
            id: 'p',
            type: 'candidate-pair',
            remoteCandidateId: 'r',
            currentRoundTripTime: ways.roundTrip / 1000,
          },
        ],
        ['r', { id: 'r', type: 'remote-candidate', address: '203.0.113.7', port: 8189 }],
      ]),
    );
  }

  close(): void {
    this.connectionState = 'closed';
    FakeRoad.open.delete(this);
  }
}

class FakeSocket {
  onopen: (() => void) | null = null;
  onclose: (() => void) | null = null;

  constructor() {
    setTimeout(() => this.onopen?.(), 1);
  }

  close(): void {}
}

/** A browser in such a network; `diagnosis` is what the server makes of what was measured. */
export function network(
  change: Partial<Ways>,
  diagnosis: Diagnosis,
  more: Parameters<typeof serve>[0] = {},
): FakeNetwork {
  ways = { ...ALL, ...change };
  FakeRoad.open.clear();
  vi.stubGlobal('RTCPeerConnection', FakeRoad);
  vi.stubGlobal('WebSocket', FakeSocket);
  return serve({
    'GET /doctor/node': () => json({ ...NODE, node: { ...NODE.node, time_ms: Date.now() + 40 } }),
    'POST /doctor/session': () =>
      new Response(ANSWER, { status: 201, headers: { location: '/doctor/session/s1' } }),
    'DELETE /doctor/session/s1': () => new Response(null, { status: 200 }),
    'GET /doctor/download': ({ query }) => new Response(pieces(Number(query.get('bytes')))),
    'POST /doctor/upload': ({ body }) =>
      json({ bytes: (body as Blob).size, millis: (body as Blob).size / 1000 }),
    'POST /doctor/diagnosis': () => json(diagnosis),
    ...more,
  });
}

/** Connections that nobody closed. */
export function leftOpen(): number {
  return FakeRoad.open.size;
}

/** A megabyte a second, in pieces of 64 kB. */
function pieces(bytes: number): ReadableStream<Uint8Array> {
  let left = bytes;
  return new ReadableStream({
    async pull(stream) {
      const size = Math.min(left, 64_000);
      await new Promise((resolve) => setTimeout(resolve, size / 1000));
      left -= size;
      stream.enqueue(new Uint8Array(size));
      if (left === 0) stream.close();
    },
  });
}
