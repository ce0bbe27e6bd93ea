import { afterEach, describe, expect, it, vi } from 'vitest';
import { ProblemError } from '@/lib/api/problem';
import { iceServersOf, postOffer } from './http-session';

const ENDPOINT = 'http://localhost/whip/demo';

function answerWith(...responses: Response[]) {
  const requests: { url: string; init: RequestInit }[] = [];
  vi.stubGlobal('fetch', (url: string, init: RequestInit) => {
    requests.push({ url, init });
    const response = responses.shift();
    return response ? Promise.resolve(response) : Promise.reject(new TypeError('offline'));
  });
  return requests;
}

const created = () =>
  new Response('v=0', { status: 201, headers: { location: '/session/abc', etag: '"one"' } });

afterEach(() => vi.unstubAllGlobals());

describe('a WHIP or WHEP session', () => {
  it('is made by an offer with the key as bearer token', async () => {
    const requests = answerWith(created());
    const accepted = await postOffer(ENDPOINT, 'offer', 'key');
    expect(accepted.answer).toBe('v=0');
    expect(accepted.session.url).toBe('http://localhost/session/abc');
    expect(requests[0]?.init.headers).toMatchObject({
      'content-type': 'application/sdp',
      authorization: 'Bearer key',
    });
  });

  it('trickles with its entity tag and restarts with any', async () => {
    const requests = answerWith(
      created(),
      new Response(null, { status: 204 }),
      new Response('a=ice-ufrag:n', { status: 200, headers: { etag: '"two"' } }),
      new Response(null, { status: 204 }),
    );
    const { session } = await postOffer(ENDPOINT, 'offer', null);
    await session.trickle('one');
    await session.restart('new');
    await session.trickle('two');
    const tags = requests
      .slice(1)
      .map(({ init }) => (init.headers as Record<string, string>)['if-match']);
    expect(tags).toEqual(['"one"', '*', '"two"']);
  });

  it('is deleted once, even while the page goes away', async () => {
    const requests = answerWith(created(), new Response(null, { status: 200 }));
    const { session } = await postOffer(ENDPOINT, 'offer', null);
    session.end();
    session.end();
    expect(requests).toHaveLength(2);
    expect(requests[1]?.init).toMatchObject({ method: 'DELETE', keepalive: true });
  });

  it('ends the broadcast with it when the publisher will not return', async () => {
    const requests = answerWith(created(), new Response(null, { status: 200 }));
    const { session } = await postOffer(ENDPOINT, 'offer', null);
    session.end({ broadcast: true });
    session.end();
    expect(requests.slice(1).map(({ url }) => url)).toEqual([`${session.url}?end=broadcast`]);
  });

  it('gives the problem of a refusal with the time to wait', async () => {
    const body = JSON.stringify({
      code: 'not_live',
      title: 'The stream is not live',
      request_id: 'r1',
    });
    const headers = { 'content-type': 'application/problem+json', 'retry-after': '2' };
    answerWith(new Response(body, { status: 409, headers }));
    await expect(postOffer(ENDPOINT, 'offer', null)).rejects.toMatchObject({
      code: 'not_live',
      status: 409,
      retryAfter: 2000,
      requestId: 'r1',
    });
  });

  it('understands servers that speak only in status codes', async () => {
    answerWith(new Response('no', { status: 404 }));
    await expect(postOffer(ENDPOINT, 'offer', null)).rejects.toMatchObject({
      code: 'unknown_stream',
    });
  });

  it('calls a server that does not answer unreachable', async () => {
    answerWith();
    await expect(postOffer(ENDPOINT, 'offer', null)).rejects.toBeInstanceOf(ProblemError);
  });
});

it('reads STUN and TURN servers from Link headers', () => {
  const header =
    '<stun:stun.example.net>; rel="ice-server", <turn:t.example.net?transport=udp>; rel="ice-server"; username="u"; credential="p", <https://x/>; rel="urn:other"';
  expect(iceServersOf(header)).toEqual([
    { urls: 'stun:stun.example.net' },
    { urls: 'turn:t.example.net?transport=udp', username: 'u', credential: 'p' },
  ]);
});
