// A connection to the node whose data channel sends back what it gets, over one way and no other.

import { ProblemError } from '@/lib/api/problem';
import { postOffer, type HttpSession } from '@/lib/rtc/http-session';
import { entries, numberOf, textOf, type Report } from '@/lib/rtc/stats';
import { SESSIONS } from './api';
import { candidatesOf, targetOf, withOnly, type Layer } from './candidates';
import type { Failure } from './types';

const LABEL = 'sluice-echo';
/** Checks are sent again after half a second, then ever more seldom; what has not come by then does not. */
const OPEN_WITHIN_MS = 7000;

/** Why a way does not work; `absent` where the node does not offer it. */
export class LineFailure extends Error {
  readonly failure: Failure | 'absent';
  readonly targets: readonly string[];

  constructor(failure: Failure | 'absent', targets: readonly string[] = []) {
    super(failure);
    this.failure = failure;
    this.targets = targets;
  }
}

export interface LineOptions {
  /** Over which layer the node's own candidates are tried. */
  layer: Layer;
  /** All goes through this relay. */
  relay?: RTCIceServer;
  signal: AbortSignal;
}

/** What is known of a way that works. */
export interface Path {
  target: string | null;
  roundTripMs: number | null;
}

export class Line {
  readonly channel: RTCDataChannel;
  readonly #peer: RTCPeerConnection;
  #session: HttpSession | null = null;

  private constructor({ relay }: LineOptions) {
    this.#peer = new RTCPeerConnection(
      relay === undefined ? {} : { iceServers: [relay], iceTransportPolicy: 'relay' },
    );
    this.channel = this.#peer.createDataChannel(LABEL, { ordered: false, maxRetransmits: 0 });
    this.channel.binaryType = 'arraybuffer';
  }

  /** Throws `LineFailure` where that way does not work, and what the server refuses. */
  static async open(options: LineOptions): Promise<Line> {
    const line = new Line(options);
    try {
      await line.#open(options);
      return line;
    } catch (error) {
      line.close();
      throw error;
    }
  }

  /** The pair of addresses that is in use. */
  async path(): Promise<Path> {
    const report = (await this.#peer.getStats()) as unknown as Report;
    const selected = textOf(entries(report, 'transport')[0], 'selectedCandidatePairId');
    const pair =
      report.get(selected ?? '') ??
      entries(report, 'candidate-pair').find(
        ({ nominated, state }) => nominated === true && state === 'succeeded',
      );
    const remote = report.get(textOf(pair, 'remoteCandidateId') ?? '');
    const address = textOf(remote, 'address');
    const port = numberOf(remote, 'port');
    const roundTrip = numberOf(pair, 'currentRoundTripTime');
    return {
      target: address === null || port === null ? null : targetOf(address, port),
      roundTripMs: roundTrip === null ? null : roundTrip * 1000,
    };
  }

  close(): void {
    this.#session?.end();
    this.channel.close();
    this.#peer.close();
  }

  async #open({ layer, signal }: LineOptions): Promise<void> {
    await this.#peer.setLocalDescription(await this.#peer.createOffer());
    const offer = this.#peer.localDescription?.sdp ?? '';
    const { answer, session } = await postOffer(SESSIONS, offer, null);
    this.#session = session;
    if (signal.aborted) throw new ProblemError('network');
    const candidates = candidatesOf(answer).filter((candidate) => candidate.layer === layer);
    const targets = candidates.map(({ target }) => target);
    if (targets.length === 0) throw new LineFailure('absent');
    await this.#peer.setRemoteDescription({ type: 'answer', sdp: withOnly(answer, layer) });
    await this.#opened(signal, targets);
  }

  #opened(signal: AbortSignal, targets: readonly string[]): Promise<void> {
    return new Promise((resolve, reject) => {
      const finish = (failure: Failure | null) => {
        clearTimeout(timer);
        signal.removeEventListener('abort', stopped);
        if (failure === null) resolve();
        else reject(new LineFailure(failure, targets));
      };
      const stopped = () => finish('closed');
      const timer = setTimeout(() => finish('no_answer'), OPEN_WITHIN_MS);
      signal.addEventListener('abort', stopped);
      this.channel.onopen = () => finish(null);
      this.channel.onclose = () => finish('closed');
      this.#peer.onconnectionstatechange = () => {
        if (this.#peer.connectionState === 'failed') finish('no_answer');
      };
      if (this.channel.readyState === 'open') finish(null);
    });
  }
}
