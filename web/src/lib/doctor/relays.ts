// Relays (TURN): how each is spoken to, and what its refusals mean.

import type { Failure, RelayServer, Transport } from './types';

/** How a relay is spoken to; null where the address is none of a relay, but of a STUN server. */
export function transportOf(url: string): Transport | null {
  if (/^turns:/i.test(url)) return 'relay_tls';
  if (!/^turn:/i.test(url)) return null;
  return /[?&]transport=tcp\b/i.test(url) ? 'relay_tcp' : 'relay_udp';
}

export function iceServerOf({ url, username, credential }: RelayServer): RTCIceServer {
  return {
    urls: url,
    ...(username === undefined ? {} : { username }),
    ...(credential === undefined ? {} : { credential }),
  };
}

/** What the error code of a relay means (RFC 8656 §19, RFC 8489 §14.8; 701 is the browser's own). */
export function failureOf(code: number): Failure {
  switch (code) {
    case 401:
    case 403:
    case 438:
    case 441:
      return 'unauthorized';
    case 486:
    case 508:
      return 'full';
    case 701:
      return 'no_answer';
    default:
      return 'other';
  }
}
