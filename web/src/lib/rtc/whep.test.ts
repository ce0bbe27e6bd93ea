import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { FakePeer } from '@/testing/peer';
import { ProblemError } from '@/lib/api/problem';
import { Viewer } from './whep';

const ENDPOINT = 'http://localhost/whep/demo';

/** Is connected as soon as it has an answer. */
class ConnectedPeer extends FakePeer {
  setRemoteDescription() {
    this.signalingState = 'stable';
    this.connectionState = 'connected';
    this.dispatchEvent(new Event('connectionstatechange'));
    return Promise.resolve();
  }
}

interface Request {
  method: string;
  url: string;
  bearer: string | null;
}

function network(): Request[] {
  const requests: Request[] = [];
  vi.stubGlobal('fetch', (url: string, init: RequestInit) => {
    const bearer = new Headers(init.headers).get('authorization');
    requests.push({ method: init.method ?? 'GET', url, bearer });
    if (init.method !== 'POST') return Promise.resolve(new Response(null, { status: 200 }));
    const location = `/session/${requests.filter(({ method }) => method === 'POST').length}`;
    return Promise.resolve(new Response('v=0', { status: 201, headers: { location } }));
  });
  return requests;
}

beforeEach(() => {
  vi.useFakeTimers();
  vi.stubGlobal('RTCPeerConnection', ConnectedPeer);
  vi.stubGlobal(
    'MediaStream',
    class {
      getTracks() {
        return [];
      }
    },
  );
});
afterEach(() => {
  vi.useRealTimers();
  vi.unstubAllGlobals();
});

describe('a viewer of a stream that is not for everybody', () => {
  it('has the next session, with the next token, before the token of the first one ends', async () => {
    const requests = network();
    let asked = 0;
    const viewer = new Viewer(ENDPOINT, () => {
      asked += 1;
      return Promise.resolve({ text: `token-${asked}`, expiresAt: Date.now() + 60_000 });
    });
    viewer.start();
    await vi.advanceTimersByTimeAsync(39_000);
    expect(requests.map(({ bearer }) => bearer)).toEqual(['Bearer token-1']);
    await vi.advanceTimersByTimeAsync(2_000);
    expect(requests.map(({ method, bearer }) => [method, bearer])).toEqual([
      ['POST', 'Bearer token-1'],
      ['POST', 'Bearer token-2'],
      ['DELETE', 'Bearer token-1'],
    ]);
    expect(viewer.state.get().phase).not.toBe('reconnecting');
    viewer.stop();
    await vi.advanceTimersByTimeAsync(120_000);
    expect(asked).toBe(2);
  });

  it('says why when there is no token to be had', async () => {
    network();
    const viewer = new Viewer(ENDPOINT, () =>
      Promise.reject(new ProblemError('follow_required', { status: 403 })),
    );
    viewer.start();
    await vi.advanceTimersByTimeAsync(100);
    expect(viewer.state.get()).toMatchObject({
      phase: 'failed',
      problem: { code: 'follow_required' },
    });
  });
});

it('a public stream is watched without a token', async () => {
  const requests = network();
  const viewer = new Viewer(ENDPOINT);
  viewer.start();
  await vi.advanceTimersByTimeAsync(200_000);
  expect(requests.map(({ bearer }) => bearer)).toEqual([null]);
  viewer.stop();
});
