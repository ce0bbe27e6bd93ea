// One peer connection with its HTTP session: offer, trickle, ICE restart, end.

import { ProblemError } from '@/lib/api/problem';
import { ControlChannel } from './control';
import { postOffer, type HttpSession } from './http-session';
import { namesRelay, ranOut, relayWasNeeded, rememberRelay } from './relays';
import { iceFragment, withIce } from './sdp';
import { transportDigest, type Report } from './stats';

/** Candidates that are found close together go in one request. */
const TRICKLE_DELAY_MS = 100;
const CONNECT_TIMEOUT_MS = 8000;

/**
 * Where the server is reached at all, a check comes back in one round trip and a TCP connection in two. The offer's
 * own took at least one. Sooner would ask relays for who does not need them, later keeps those waiting who do.
 */
const RELAY_AFTER_ANSWERS = 3;
/** A busy page hears late of a connection that is up. */
const RELAY_AFTER_AT_LEAST_MS = 700;
/** HLS takes over 4 s after the answer, and the relay needs some round trips itself. */
const RELAY_AFTER_AT_MOST_MS = 1500;

export interface ConnectionSettings {
  endpoint: string;
  /** Asked for each time that an offer is sent. */
  token(): Promise<string | null>;
  /** Adds transceivers; runs before the offer. */
  prepare(connection: RTCPeerConnection): void;
  editOffer?(sdp: string): string;
  editAnswer?(sdp: string): string;
}

/**
 * Publishes or watches over one WHIP or WHEP session. It never reconnects by itself.
 *
 * The answer names the relays (TURN). To know them sooner would cost a request more, and to use them always an
 * allocation for every viewer, so that candidates are gathered while the offer is on its way, without a relay. Where
 * nothing comes through like that, ICE is restarted with the relays. In a network that needed one the last time,
 * gathering waits for the answer instead: the relay is among the first candidates then.
 */
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
  /** Relays may still be tried; ends the wait for that. */
  #endFallback: (() => void) | null = null;
  #restarting: Promise<void> | null = null;
  readonly #needsRelay = relayWasNeeded();

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
    let later: RTCSessionDescriptionInit | null = null;
    if (this.peer.signalingState === 'stable') {
      const offer = await this.#offer();
      if (this.#needsRelay) later = offer;
      else await this.peer.setLocalDescription(offer);
    }
    this.#candidates = [];
    const token = await this.#settings.token();
    this.postedAt = performance.now();
    const accepted = await postOffer(this.#settings.endpoint, later?.sdp ?? this.#localSdp, token);
    const answeredIn = performance.now() - this.postedAt;
    this.#session = accepted.session;
    if (this.#closed) {
      accepted.session.end();
      throw new ProblemError('network', { message: 'Closed while the offer was on its way' });
    }
    this.#answer = this.#settings.editAnswer?.(accepted.answer) ?? accepted.answer;
    this.#use(accepted.iceServers);
    // What begins with this description is the gathering.
    if (later !== null) await this.peer.setLocalDescription(later);
    await this.peer.setRemoteDescription({ type: 'answer', sdp: this.#answer });
    this.#scheduleTrickle();
    if (later === null && namesRelay(accepted.iceServers)) this.#fallBackAfter(answeredIn);
  }

  /** Resolves once packets can flow. */
  connected(timeout = CONNECT_TIMEOUT_MS): Promise<void> {
    return new Promise((resolve, reject) => {
      const finish = (error: ProblemError | null) => {
        clearTimeout(timer);
        this.peer.removeEventListener('connectionstatechange', check);
        if (error) return reject(error);
        void this.#rememberWay();
        resolve();
      };
      const check = () => {
        const state = this.peer.connectionState;
        if (state === 'connected') finish(null);
        const failed = state === 'failed' && this.#endFallback === null;
        if (failed || state === 'closed' || this.#closed) finish(new ProblemError('timeout'));
      };
      const timer = setTimeout(() => finish(new ProblemError('timeout')), timeout);
      this.peer.addEventListener('connectionstatechange', check);
      check();
    });
  }

  /** New ICE credentials on the running session: for a changed network. */
  restartIce(): Promise<void> {
    this.#restarting ??= this.#restart().finally(() => {
      this.#restarting = null;
      this.#scheduleTrickle();
    });
    return this.#restarting;
  }

  close(): void {
    if (this.#closed) return;
    this.#closed = true;
    clearTimeout(this.#timer);
    this.#endFallback?.();
    this.#session?.end();
    this.control.close();
    this.peer.close();
  }

  get #localSdp(): string {
    return this.peer.localDescription?.sdp ?? '';
  }

  async #offer(options: RTCOfferOptions = {}): Promise<RTCSessionDescriptionInit> {
    const { sdp = '' } = await this.peer.createOffer(options);
    return { type: 'offer', sdp: this.#settings.editOffer?.(sdp) ?? sdp };
  }

  /** Serves the next gathering. */
  #use(iceServers: RTCIceServer[]): void {
    if (iceServers.length > 0)
      this.peer.setConfiguration({ ...this.peer.getConfiguration(), iceServers });
  }

  async #restart(): Promise<void> {
    if (this.#session === null) throw new ProblemError('unknown_session');
    // Candidates of the new ICE session are nothing that the server knows of before it has answered.
    clearTimeout(this.#timer);
    const offer = await this.#offer({ iceRestart: true });
    // Relays would let nobody in by those; the reply has new ones, and gathering can wait for it.
    const stale = ranOut(this.peer.getConfiguration().iceServers ?? [], Date.now());
    if (!stale) await this.peer.setLocalDescription(offer);
    this.#candidates = [];
    try {
      const reply = await this.#session.restart(iceFragment(offer.sdp ?? '', [], false));
      this.#use(reply.iceServers);
      if (stale) await this.peer.setLocalDescription(offer);
      this.#answer = withIce(this.#answer, reply.fragment);
      await this.peer.setRemoteDescription({ type: 'answer', sdp: this.#answer });
    } catch (error) {
      // The old ICE session goes on, as the server does it too (RFC 9725 §4.3.3).
      if (this.peer.signalingState === 'have-local-offer')
        await this.peer.setLocalDescription({ type: 'rollback' });
      throw error;
    }
  }

  /** Tries the relays, which came too late for the first gathering, where nothing comes through without. */
  #fallBackAfter(answeredIn: number): void {
    const wait = Math.max(RELAY_AFTER_AT_LEAST_MS, answeredIn * RELAY_AFTER_ANSWERS);
    const end = () => {
      clearTimeout(timer);
      this.peer.removeEventListener('iceconnectionstatechange', check);
      this.#endFallback = null;
    };
    const fallBack = () => {
      clearTimeout(timer);
      this.peer.removeEventListener('iceconnectionstatechange', check);
      void this.restartIce()
        // The ways without a relay go on being tried.
        .catch(() => undefined)
        .finally(end);
    };
    const check = () => {
      const state = this.peer.iceConnectionState;
      if (state === 'connected' || state === 'completed') end();
      else if (state === 'failed') fallBack();
    };
    const timer = setTimeout(fallBack, Math.min(RELAY_AFTER_AT_MOST_MS, wait));
    this.peer.addEventListener('iceconnectionstatechange', check);
    this.#endFallback = end;
    check();
  }

  /** For the next connection from this network. */
  async #rememberWay(): Promise<void> {
    try {
      const report = (await this.peer.getStats()) as unknown as Report;
      const { pair, relayed } = transportDigest(report);
      if (pair !== null) rememberRelay(relayed);
    } catch {
      // It is closed already.
    }
  }

  #found(candidate: RTCIceCandidate | null): void {
    if (candidate !== null && candidate.candidate !== '')
      this.#candidates.push(candidate.candidate);
    if (this.#answer !== '') this.#scheduleTrickle();
  }

  #scheduleTrickle(): void {
    clearTimeout(this.#timer);
    if (this.#restarting !== null) return;
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
