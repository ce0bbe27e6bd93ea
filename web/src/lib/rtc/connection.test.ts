import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { FakePeer } from '@/testing/peer';
import { Connection } from './connection';
import { relayWasNeeded, rememberRelay } from './relays';

const ENDPOINT = 'http://localhost/whep/demo';
const OFFER = 'v=0\r\na=ice-ufrag:o\r\na=ice-pwd:p\r\n';
const REPLY = 'a=ice-ufrag:n\r\na=ice-pwd:q\r\n';

/** Tells in which order things happen, and is connected when a test says so. */
class IcePeer extends FakePeer {
  static last: IcePeer;
  static steps: string[] = [];
  iceConnectionState = 'new';
  #configuration: RTCConfiguration = {};
  relayed = false;

  constructor() {
    super();
    IcePeer.last = this;
  }
  override createOffer(options: RTCOfferOptions = {}) {
    if (options.iceRestart) IcePeer.steps.push('restart');
    return Promise.resolve({ type: 'offer', sdp: OFFER });
  }
  override setLocalDescription(description: { sdp: string }) {
    const names = (this.#configuration.iceServers ?? []).map(({ username }) => username ?? '');
    IcePeer.steps.push(`gathers with [${names.join()}]`);
    return super.setLocalDescription(description);
  }
  setRemoteDescription() {
    this.signalingState = 'stable';
    return Promise.resolve();
  }
  getConfiguration() {
    return this.#configuration;
  }
  setConfiguration(configuration: RTCConfiguration) {
    this.#configuration = configuration;
  }
  override getStats() {
    return Promise.resolve(
      new Map<string, object>([
        ['t', { id: 't', type: 'transport', selectedCandidatePairId: 'p' }],
        ['p', { id: 'p', type: 'candidate-pair', localCandidateId: 'l', remoteCandidateId: 'r' }],
        ['l', { id: 'l', candidateType: this.relayed ? 'relay' : 'host', protocol: 'udp' }],
        ['r', { id: 'r', candidateType: 'host', protocol: 'udp' }],
      ]),
    );
  }
  becomes(state: 'connected' | 'failed') {
    this.iceConnectionState = state;
    this.connectionState = state;
    this.dispatchEvent(new Event('iceconnectionstatechange'));
    this.dispatchEvent(new Event('connectionstatechange'));
  }
}

interface Answers {
  /** User name of the relay that answers name; null is no relay. */
  relay?: string | null;
  /** How long they take. */
  after?: number;
  /** What a restart is answered with. */
  restart?: () => Response;
}

const linkOf = (user: string) =>
  `<turn:relay.example>; rel="ice-server"; username="${user}"; credential="c"`;

function answers({ relay = 'one', after = 20, restart }: Answers = {}): void {
  const link: Record<string, string> = relay === null ? {} : { link: linkOf(relay) };
  vi.stubGlobal('fetch', async (_url: string, { method = 'GET' }: RequestInit) => {
    IcePeer.steps.push(method);
    await new Promise((resolve) => setTimeout(resolve, after));
    if (method === 'PATCH')
      return restart?.() ?? new Response(REPLY, { status: 200, headers: { link: linkOf('two') } });
    const headers = { location: '/session/1', etag: '"e"', ...link };
    return new Response('v=0\r\na=ice-ufrag:a\r\na=ice-pwd:b\r\n', { status: 201, headers });
  });
}

function connection(): Connection {
  return new Connection({
    endpoint: ENDPOINT,
    token: () => Promise.resolve(null),
    prepare: () => undefined,
  });
}

async function opened(): Promise<Connection> {
  const made = connection();
  const open = made.open();
  await vi.advanceTimersByTimeAsync(50);
  await open;
  return made;
}

beforeEach(() => {
  vi.useFakeTimers();
  vi.stubGlobal('RTCPeerConnection', IcePeer);
  IcePeer.steps = [];
  localStorage.clear();
});
afterEach(() => {
  vi.useRealTimers();
  vi.unstubAllGlobals();
});

describe('a connection whose answer names a relay', () => {
  it('makes one request and asks no relay where media comes through without', async () => {
    answers();
    const made = await opened();
    const connected = made.connected();
    IcePeer.last.becomes('connected');
    await connected;
    await vi.advanceTimersByTimeAsync(10_000);
    expect(IcePeer.steps).toEqual(['gathers with []', 'POST']);
    expect(relayWasNeeded()).toBe(false);
  });

  it('restarts ICE with the relay where nothing comes through, and is connected by it', async () => {
    answers();
    const made = connection();
    const open = made.open();
    await vi.advanceTimersByTimeAsync(20);
    await open;
    const connected = made.connected();
    await vi.advanceTimersByTimeAsync(699);
    expect(IcePeer.steps).toEqual(['gathers with []', 'POST']);
    await vi.advanceTimersByTimeAsync(50);
    expect(IcePeer.steps.slice(2)).toEqual(['restart', 'gathers with [one]', 'PATCH']);
    IcePeer.last.relayed = true;
    IcePeer.last.becomes('connected');
    await connected;
    await vi.advanceTimersByTimeAsync(10_000);
    expect(IcePeer.steps).toHaveLength(5);
    expect(relayWasNeeded()).toBe(true);
  });

  it('gives a slow network time to answer, but not for ever', async () => {
    for (const [after, wait] of [
      [400, 1200],
      [3000, 1500],
    ] as const) {
      answers({ after });
      IcePeer.steps = [];
      const open = connection().open();
      await vi.advanceTimersByTimeAsync(after);
      await open;
      await vi.advanceTimersByTimeAsync(wait - 1);
      expect(IcePeer.steps).not.toContain('restart');
      await vi.advanceTimersByTimeAsync(2);
      expect(IcePeer.steps).toContain('restart');
    }
  });

  it('does not wait for what has failed already, and is not lost by it', async () => {
    answers();
    const made = await opened();
    const connected = made.connected();
    IcePeer.last.becomes('failed');
    await vi.advanceTimersByTimeAsync(30);
    expect(IcePeer.steps).toContain('PATCH');
    IcePeer.last.becomes('connected');
    await expect(connected).resolves.toBeUndefined();
  });

  it('goes on without the relay where the restart is refused', async () => {
    answers({ restart: () => new Response(null, { status: 422 }) });
    const made = await opened();
    const connected = made.connected();
    await vi.advanceTimersByTimeAsync(1000);
    IcePeer.last.becomes('connected');
    await expect(connected).resolves.toBeUndefined();
  });

  it('asks nobody once it is closed', async () => {
    answers();
    const made = await opened();
    made.close();
    await vi.advanceTimersByTimeAsync(10_000);
    expect(IcePeer.steps).toEqual(['gathers with []', 'POST', 'DELETE']);
  });
});

it('a connection whose answer names no relay is not restarted', async () => {
  answers({ relay: null });
  await opened();
  await vi.advanceTimersByTimeAsync(10_000);
  expect(IcePeer.steps).toEqual(['gathers with []', 'POST']);
});

describe('in a network that needed the relay the last time', () => {
  it('gathers with it at once, without a request more', async () => {
    rememberRelay(true);
    answers();
    const made = await opened();
    const connected = made.connected();
    IcePeer.last.relayed = true;
    IcePeer.last.becomes('connected');
    await connected;
    await vi.advanceTimersByTimeAsync(10_000);
    expect(IcePeer.steps).toEqual(['POST', 'gathers with [one]']);
    expect(relayWasNeeded()).toBe(true);
  });

  it('does as everywhere else once it has come through without', async () => {
    rememberRelay(true);
    answers();
    const made = await opened();
    const connected = made.connected();
    IcePeer.last.becomes('connected');
    await connected;
    await vi.advanceTimersByTimeAsync(0);
    expect(relayWasNeeded()).toBe(false);
  });
});

describe('an ICE restart', () => {
  it('gathers with the credentials of its own reply where those of the answer have run out', async () => {
    const ends = Math.floor(Date.now() / 1000) + 3600;
    answers({ relay: `${ends}:somebody` });
    const made = await opened();
    IcePeer.last.becomes('connected');
    await vi.advanceTimersByTimeAsync(3600 * 1000);
    IcePeer.steps = [];
    const restarted = made.restartIce();
    await vi.advanceTimersByTimeAsync(100);
    await restarted;
    expect(IcePeer.steps).toEqual(['restart', 'PATCH', 'gathers with [two]']);
  });

  it('is made once, however many want it', async () => {
    answers();
    const made = await opened();
    IcePeer.last.becomes('connected');
    IcePeer.steps = [];
    const restarted = Promise.all([made.restartIce(), made.restartIce()]);
    await vi.advanceTimersByTimeAsync(100);
    await restarted;
    expect(IcePeer.steps).toEqual(['restart', 'gathers with [one]', 'PATCH']);
  });
});
