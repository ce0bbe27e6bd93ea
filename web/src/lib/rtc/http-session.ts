// The HTTP side of WHIP (RFC 9725) and WHEP: one resource a session.

import { ProblemError, problemOf } from '@/lib/api/problem';

const SDP = 'application/sdp';
const FRAGMENT = 'application/trickle-ice-sdpfrag';

/** A server that does not answer an offer within this is tried again; OBS waits 8 s too. */
const OFFER_TIMEOUT_MS = 8000;
const PATCH_TIMEOUT_MS = 4000;

/** What a server said to an offer. */
export interface Accepted {
  session: HttpSession;
  answer: string;
  iceServers: RTCIceServer[];
}

/** What a server said to an ICE restart. */
export interface Restarted {
  fragment: string;
  /** With new credentials. */
  iceServers: RTCIceServer[];
}

/** Sends an offer to a WHIP or WHEP endpoint. */
export async function postOffer(
  endpoint: string,
  offer: string,
  token: string | null,
): Promise<Accepted> {
  const response = await request(endpoint, OFFER_TIMEOUT_MS, {
    method: 'POST',
    headers: { 'content-type': SDP, accept: SDP, ...bearer(token) },
    body: offer,
  });
  const location = response.headers.get('location');
  if (response.status !== 201 || location === null)
    throw new ProblemError('unexpected', { status: response.status });
  return {
    session: new HttpSession(
      new URL(location, response.url || endpoint).href,
      token,
      response.headers.get('etag'),
    ),
    answer: await response.text(),
    iceServers: iceServersOf(response.headers.get('link')),
  };
}

/** The resource that stands for one peer connection on the server. */
export class HttpSession {
  readonly url: string;
  readonly #token: string | null;
  #etag: string | null;
  #ended = false;

  constructor(url: string, token: string | null, etag: string | null) {
    this.url = url;
    this.#token = token;
    this.#etag = etag;
  }

  /** Tells the server of candidates that were found after the offer. */
  async trickle(fragment: string): Promise<void> {
    if (this.#ended) return;
    await this.#patch(fragment, this.#etag ?? '*');
  }

  /** Asks for new ICE credentials. */
  async restart(fragment: string): Promise<Restarted> {
    const response = await this.#patch(fragment, '*');
    this.#etag = response.headers.get('etag') ?? this.#etag;
    if (response.status !== 200)
      throw new ProblemError('restart_refused', { status: response.status });
    return {
      fragment: await response.text(),
      iceServers: iceServersOf(response.headers.get('link')),
    };
  }

  /** Whether the server still knows the session. */
  async exists(): Promise<boolean> {
    try {
      await request(this.url, PATCH_TIMEOUT_MS, { headers: bearer(this.#token) });
      return true;
    } catch (error) {
      if (error instanceof ProblemError && error.status === 404) return false;
      throw error;
    }
  }

  /**
   * Ends the session. Safe to call twice and while the page goes away. A publisher that will not
   * return ends the broadcast with it; without that the server waits for its return.
   */
  end({ broadcast = false } = {}): void {
    if (this.#ended) return;
    this.#ended = true;
    const url = broadcast ? `${this.url}?end=broadcast` : this.url;
    void fetch(url, { method: 'DELETE', headers: bearer(this.#token), keepalive: true }).catch(
      () => {
        // The server notices by itself that the peer is gone.
      },
    );
  }

  #patch(fragment: string, tag: string): Promise<Response> {
    return request(this.url, PATCH_TIMEOUT_MS, {
      method: 'PATCH',
      headers: { 'content-type': FRAGMENT, 'if-match': tag, ...bearer(this.#token) },
      body: fragment,
    });
  }
}

async function request(url: string, timeout: number, init: RequestInit): Promise<Response> {
  let response: Response;
  try {
    response = await fetch(url, { ...init, signal: AbortSignal.timeout(timeout) });
  } catch (cause) {
    const late = cause instanceof DOMException && cause.name === 'TimeoutError';
    throw new ProblemError(late ? 'timeout' : 'network', { cause });
  }
  if (!response.ok) throw await problemOf(response);
  return response;
}

function bearer(token: string | null): Record<string, string> {
  return token === null || token === '' ? {} : { authorization: `Bearer ${token}` };
}

/** STUN and TURN servers of a Link header (RFC 9725 §4.6). */
export function iceServersOf(header: string | null): RTCIceServer[] {
  if (header === null) return [];
  return header.split(/,\s*(?=<)/).flatMap((link) => {
    const urls = /^<((?:stuns?|turns?):[^>]+)>/.exec(link)?.[1];
    if (urls === undefined || !/rel="?ice-server"?/.test(link)) return [];
    const username = /username="([^"]*)"/.exec(link)?.[1];
    const credential = /credential="([^"]*)"/.exec(link)?.[1];
    return [
      {
        urls,
        ...(username === undefined ? {} : { username }),
        ...(credential === undefined ? {} : { credential }),
      },
    ];
  });
}
