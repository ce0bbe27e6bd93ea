// Asks a relay for an allocation, as a connection through it would, and no more.

import { failureOf, iceServerOf } from './relays';
import type { Failure, RelayServer } from './types';

/** Browsers ask three relays' worth of times within this. */
const ANSWER_WITHIN_MS = 7000;

/** Null where the relay gives one; why it does not otherwise. */
export function allocate(relay: RelayServer, signal: AbortSignal): Promise<Failure | null> {
  const peer = new RTCPeerConnection({
    iceServers: [iceServerOf(relay)],
    iceTransportPolicy: 'relay',
  });
  return new Promise<Failure | null>((resolve) => {
    let heard: Failure = 'no_answer';
    const finish = (failure: Failure | null) => {
      clearTimeout(timer);
      signal.removeEventListener('abort', stopped);
      resolve(failure);
    };
    const stopped = () => finish('closed');
    const timer = setTimeout(() => finish(heard), ANSWER_WITHIN_MS);
    signal.addEventListener('abort', stopped);
    peer.onicecandidate = ({ candidate }) => {
      if (candidate === null) finish(heard);
      // The policy lets no other kind through.
      else if (candidate.candidate !== '') finish(null);
    };
    // Of several addresses of a relay one may work: the end decides.
    peer.onicecandidateerror = ({ errorCode }) => {
      if (heard === 'no_answer') heard = failureOf(errorCode);
    };
    peer.createDataChannel('sluice-echo');
    void peer
      .createOffer()
      .then((offer) => peer.setLocalDescription(offer))
      .catch(() => finish('other'));
  }).finally(() => peer.close());
}
