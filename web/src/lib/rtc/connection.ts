// One peer connection with its HTTP session: offer, trickle, ICE restart, end.

import { ProblemError } from '@/lib/api/problem';
import { ControlChannel } from './control';
import { postOffer, type HttpSession } from './http-session';
import { iceFragment, withIce } from './sdp';

/** Candidates that are found close together go in one request. */
const TRICKLE_DELAY_MS = 100;
const CONNECT_TIMEOUT_MS = 8000;

export interface ConnectionSettings {
  endpoint: string;
  /** Asked for each time that an offer is sent. */
  token(): Promise<string | null>;
  /** Adds transceivers; runs before the offer. */
  prepare(connection: RTCPeerConnection): void;
  editOffer?(sdp: string): string;
  editAnswer?(sdp: string): string;
}

/** Publishes or watches over one WHIP or WHEP session. It never reconnects by itself. */
export class Connection {
  readonly peer: RTCPeerConnection;
  readonly control: ControlChannel;
  readonly createdAt = Date.now();
  /** When the offer was last sent, on the clock of `performance.now()`. */
  postedAt = 0;
  readonly #settings: ConnectionSettings;
  #session: HttpSession | null = null;
  #answer = '';
  #candidates: string[] = [];
  #timer: ReturnType<typeof setTimeout> | undefined;
  #closed = false;

  constructor(settings: ConnectionSettings) {
    this.#settings = settings;
    this.peer = new RTCPeerConnection({ bundlePolicy: 'max-bundle' });
    settings.prepare(this.peer);
    this.control = new ControlChannel(this.peer);
    this.peer.onicecandidate = ({ candidate }) => this.#found(candidate);
  }

  get session(): HttpSession | null {
    return this.#session;
  }

  /** Offers and applies the answer. A refused offer may be sent again by calling this again. */
  async open(): Promise<void> {
    if (this.peer.signalingState === 'stable') {
      const offer = await this.peer.createOffer();
      const sdp = this.#settings.editOffer?.(offer.sdp ?? '') ?? offer.sdp ?? '';
      await this.peer.setLocalDescription({ type: 'offer', sdp });
    }
    this.#candidates = [];
    const token = await this.#settings.token();
    this.postedAt = performance.now();
    const accepted = await postOffer(this.#settings.endpoint, this.#localSdp, token);
    this.#session = accepted.session;
    if (this.#closed) {
      accepted.session.end();
      throw new ProblemError('network', { message: 'Closed while the offer was on its way' });
    }
    this.#answer = this.#settings.editAnswer?.(accepted.answer) ?? accepted.answer;
    // Servers for relaying come with the answer; they serve the next gathering.
    if (accepted.iceServers.length > 0)
      this.peer.setConfiguration({
        ...this.peer.getConfiguration(),
        iceServers: accepted.iceServers,
      });
    await this.peer.setRemoteDescription({ type: 'answer', sdp: this.#answer });
    this.#scheduleTrickle();
  }

  /** Resolves once packets can flow. */
  connected(timeout = CONNECT_TIMEOUT_MS): Promise<void> {
    return new Promise((resolve, reject) => {
      const finish = (error: ProblemError | null) => {
        clearTimeout(timer);
        this.peer.removeEventListener('connectionstatechange', check);
        if (error) reject(error);
        else resolve();
      };
      const check = () => {
        const state = this.peer.connectionState;
        if (state === 'connected') finish(null);
        if (state === 'failed' || state === 'closed' || this.#closed)
          finish(new ProblemError('timeout'));
      };
      const timer = setTimeout(() => finish(new ProblemError('timeout')), timeout);
      this.peer.addEventListener('connectionstatechange', check);
      check();
    });
  }

  /** New ICE credentials on the running session: for a changed network. */
  async restartIce(): Promise<void> {
    if (this.#session === null) throw new ProblemError('unknown_session');
    const offer = await this.peer.createOffer({ iceRestart: true });
    await this.peer.setLocalDescription({
      type: 'offer',
      sdp: this.#settings.editOffer?.(offer.sdp ?? '') ?? offer.sdp ?? '',
    });
    this.#candidates = [];
    try {
      const reply = await this.#session.restart(iceFragment(this.#localSdp, [], false));
      this.#answer = withIce(this.#answer, reply);
      await this.peer.setRemoteDescription({ type: 'answer', sdp: this.#answer });
    } catch (error) {
      // The old ICE session goes on, as the server does it too (RFC 9725 §4.3.3).
      if (this.peer.signalingState === 'have-local-offer')
        await this.peer.setLocalDescription({ type: 'rollback' });
      throw error;
    }
    this.#scheduleTrickle();
  }

  close(): void {
    if (this.#closed) return;
    this.#closed = true;
    clearTimeout(this.#timer);
    this.#session?.end();
    this.control.close();
    this.peer.close();
  }

  get #localSdp(): string {
    return this.peer.localDescription?.sdp ?? '';
  }

  #found(candidate: RTCIceCandidate | null): void {
    if (candidate !== null && candidate.candidate !== '')
      this.#candidates.push(candidate.candidate);
    if (this.#answer !== '') this.#scheduleTrickle();
  }

  #scheduleTrickle(): void {
    clearTimeout(this.#timer);
    this.#timer = setTimeout(() => void this.#trickle(), TRICKLE_DELAY_MS);
  }

  async #trickle(): Promise<void> {
    // A path that works needs no more candidates, and the server is spared a request per viewer.
    if (this.#closed || this.#candidates.length === 0 || this.peer.connectionState === 'connected')
      return;
    const candidates = this.#candidates.splice(0);
    const complete = this.peer.iceGatheringState === 'complete';
    try {
      await this.#session?.trickle(iceFragment(this.#localSdp, candidates, complete));
    } catch {
      // Checks from our side reach the server without its knowing our candidates.
    }
  }
}
