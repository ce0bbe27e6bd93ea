// A viewer: watches one stream by WHEP and comes back by itself.

import type { Codec } from '@/lib/api/generated/Codec';
import type { ControlEvent } from '@/lib/api/generated/ControlEvent';
import type { LayerInfo } from '@/lib/api/generated/LayerInfo';
import type { ProblemError } from '@/lib/api/problem';
import { Emitter } from '@/lib/emitter';
import { Snapshot } from '@/lib/snapshot';
import { Connection } from './connection';
import type { Viewport } from './control';
import { NOTHING_TO_SHOW, type CredentialSource } from './credential';
import { ConnectionKeeper } from './keeper';
import { playAtOnce } from './play-at-once';
import { withStereoOpus } from './sdp';

/** How often a stream that is off the air is asked for, where the server does not say. */
const OFFLINE_POLL_MS = 3000;
/** After a loss the publisher usually returns too; until then the last picture stays. */
const RETURN_PATIENCE_MS = 15_000;
/** The session is made anew this long before its token ends, so that the picture goes on. */
const RENEW_BEFORE_MS = 20_000;
/** A token that lives shorter than the margin is not renewed in a loop. */
const RENEW_AT_LEAST_MS = 10_000;

export type ViewerPhase =
  'connecting' | 'offline' | 'starting' | 'live' | 'reconnecting' | 'ended' | 'failed';

export interface ViewerState {
  phase: ViewerPhase;
  /** While reconnecting: whether the publisher or our own connection is gone. */
  missing: 'publisher' | 'connection' | null;
  problem: ProblemError | null;
  stream: MediaStream | null;
  layers: readonly LayerInfo[];
  current: string | null;
  pinned: string | null;
  codec: Codec | null;
  estimate: number | null;
  viewers: number | null;
}

interface ViewerEvents {
  connection: Connection;
  /** The server took the offer; packets should come now. */
  answered: undefined;
  /** An attempt failed. */
  refused: ProblemError;
  /** The connection is about to be closed, and its picture with it. */
  lost: undefined;
  event: ControlEvent;
}

const INITIAL: ViewerState = {
  phase: 'connecting',
  missing: null,
  problem: null,
  stream: null,
  layers: [],
  current: null,
  pinned: null,
  codec: null,
  estimate: null,
  viewers: null,
};

export class Viewer extends Emitter<ViewerEvents> {
  readonly state = new Snapshot<ViewerState>(INITIAL);
  readonly #keeper: ConnectionKeeper;
  #viewport: Viewport | null = null;
  #pinned: string | null = null;
  #ended = false;
  #lastLive = Number.NEGATIVE_INFINITY;
  #renewal: ReturnType<typeof setTimeout> | undefined;

  constructor(endpoint: string, credential: CredentialSource = NOTHING_TO_SHOW) {
    super();
    this.#keeper = new ConnectionKeeper(endpoint, {
      create: (url) => this.#create(url, credential),
      retryIn: (problem, usual) => this.#retryIn(problem, usual),
    });
    this.#keeper.on('opened', (connection) => this.#opened(connection));
    this.#keeper.on('answered', () => this.emit('answered', undefined));
    this.#keeper.on('refused', (problem) => this.emit('refused', problem));
    this.#keeper.on('lost', () => this.#lost());
    this.#keeper.on('gaveUp', (problem) => this.state.set({ phase: 'failed', problem }));
    this.#keeper.on('event', (event) => this.#handle(event));
  }

  get connection(): Connection | null {
    return this.#keeper.current;
  }

  start(): void {
    this.#keeper.start();
  }

  stop(): void {
    clearTimeout(this.#renewal);
    this.#keeper.stop();
    this.state.set({ phase: 'connecting', missing: null, problem: null, stream: null });
  }

  retryNow(): void {
    this.state.set({ phase: 'connecting', problem: null });
    this.#keeper.retryNow();
  }

  /** Pins a layer by its RID; null lets the server choose. */
  select(rid: string | null): void {
    this.#pinned = rid;
    this.state.set({ pinned: rid });
    this.connection?.control.select(rid);
  }

  viewport(viewport: Viewport): void {
    this.#viewport = viewport;
    this.connection?.control.viewport(viewport);
  }

  async #tokenOf(credential: CredentialSource): Promise<string | null> {
    clearTimeout(this.#renewal);
    const found = await credential();
    if (found?.expiresAt != null) {
      const left = found.expiresAt - RENEW_BEFORE_MS - Date.now();
      const wait = Math.max(RENEW_AT_LEAST_MS, left);
      this.#renewal = setTimeout(() => this.#keeper.replace(), wait);
    }
    return found?.text ?? null;
  }

  #create(endpoint: string, credential: CredentialSource): Connection {
    const stream = new MediaStream();
    const connection = new Connection({
      endpoint,
      token: () => this.#tokenOf(credential),
      editOffer: (sdp) => withStereoOpus(sdp),
      prepare: (peer) => {
        peer.ontrack = ({ track, receiver }) => {
          playAtOnce(receiver);
          stream.addTrack(track);
          track.onunmute = () => this.#mediaCame(connection);
        };
        peer.addTransceiver('audio', { direction: 'recvonly' });
        peer.addTransceiver('video', { direction: 'recvonly' });
      },
    });
    streams.set(connection, stream);
    return connection;
  }

  #opened(connection: Connection): void {
    const stream = streams.get(connection) ?? null;
    if (this.#viewport !== null) connection.control.viewport(this.#viewport);
    if (this.#pinned !== null) connection.control.select(this.#pinned);
    const flowing = stream?.getTracks().some((track) => !track.muted) ?? false;
    this.state.set({
      stream,
      problem: null,
      ...(flowing ? LIVE : this.state.get().phase === 'reconnecting' ? {} : { phase: 'starting' }),
    });
    this.emit('connection', connection);
  }

  #mediaCame(connection: Connection): void {
    if (this.connection === connection && !this.#ended) this.state.set(LIVE);
  }

  #lost(): void {
    this.emit('lost', undefined);
    const { phase } = this.state.get();
    if (phase === 'live' || phase === 'reconnecting') this.#lastLive = Date.now();
    if (!this.#ended) this.state.set({ phase: 'reconnecting', missing: 'connection' });
  }

  #handle(event: ControlEvent): void {
    this.emit('event', event);
    switch (event.type) {
      case 'layers':
        this.state.set({
          layers: event.layers,
          current: event.current,
          pinned: event.pinned,
          codec: event.codec,
          estimate: event.estimate,
        });
        break;
      case 'audience':
        this.state.set({ viewers: event.viewers });
        break;
      case 'state':
        this.#ended = event.state === 'ended';
        if (event.state === 'gap') this.state.set({ phase: 'reconnecting', missing: 'publisher' });
        else if (event.state === 'ended')
          this.state.set({ phase: 'ended', missing: null, viewers: null });
        else if (event.state === 'live') this.#publisherCame();
        break;
      default:
        break;
    }
  }

  /** `live` may come before the first packet; the picture is there when a track is unmuted. */
  #publisherCame(): void {
    const tracks = this.state.get().stream?.getTracks() ?? [];
    if (tracks.some((track) => !track.muted)) this.state.set(LIVE);
  }

  #retryIn(problem: ProblemError, usual: number): number | null {
    const { phase } = this.state.get();
    switch (problem.code) {
      case 'not_live': {
        const returning =
          phase === 'reconnecting' && Date.now() - this.#lastLive < RETURN_PATIENCE_MS;
        if (!returning)
          this.state.set({
            phase: this.#ended ? 'ended' : 'offline',
            missing: null,
            stream: null,
            viewers: null,
          });
        else this.state.set({ missing: 'publisher' });
        return returning
          ? Math.min(usual, problem.retryAfter ?? usual)
          : spread(problem.retryAfter ?? OFFLINE_POLL_MS);
      }
      case 'network':
      case 'timeout':
      case 'overloaded':
      case 'rate_limited':
      case 'internal':
      case 'unexpected':
        this.state.set({
          phase: this.#ended ? 'ended' : 'reconnecting',
          missing: 'connection',
          problem,
        });
        return Math.max(usual, problem.retryAfter ?? 0);
      default:
        return null;
    }
  }
}

const LIVE = { phase: 'live', missing: null, problem: null } as const;

const streams = new WeakMap<Connection, MediaStream>();

function spread(delay: number): number {
  return delay * (0.9 + Math.random() * 0.3);
}
