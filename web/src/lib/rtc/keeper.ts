// Keeps one connection alive: ICE restart for a changed network, a new session for everything else.

import type { ControlEvent } from '@/lib/api/generated/ControlEvent';
import type { ProblemError } from '@/lib/api/problem';
import { problemFrom } from '@/lib/api/problem';
import { Emitter } from '@/lib/emitter';
import { Backoff } from './backoff';
import type { Connection } from './connection';

/** ICE often comes back by itself within a second (Wi-Fi roaming); only then is a restart worth a request. */
const DISCONNECT_GRACE_MS = 1000;
/** How long an ICE restart may take before a new session is made. */
const RESTART_PATIENCE_MS = 4000;
/** An offer that waits for a stream to go live is made anew after this, as its candidates age. */
const OFFER_LIFETIME_MS = 60_000;

export interface KeeperPolicy {
  create(endpoint: string): Connection;
  /** Milliseconds until the next attempt after a refusal, or null to give up; `usual` is the backoff's. */
  retryIn(problem: ProblemError, usual: number): number | null;
  /** Asked after an unexpected end; throwing gives up with that problem. */
  mayReturn?(old: Connection): Promise<void>;
}

interface KeeperEvents {
  /** A connection is up; the one before it is closed after the listeners ran. */
  opened: Connection;
  /** The server took an offer; packets should come now. */
  answered: undefined;
  lost: undefined;
  refused: ProblemError;
  waiting: { at: number };
  gaveUp: ProblemError;
  event: ControlEvent;
}

export class ConnectionKeeper extends Emitter<KeeperEvents> {
  readonly #policy: KeeperPolicy;
  #endpoint: string;
  #current: Connection | null = null;
  /** Made but not yet accepted or connected. */
  #next: Connection | null = null;
  #generation = 0;
  #timer: ReturnType<typeof setTimeout> | undefined;
  #unwatch: () => void = () => undefined;
  readonly #backoff = new Backoff();
  readonly #hurry = () => {
    if (this.#timer !== undefined) this.#attempt();
  };
  readonly #leave = () => {
    this.#current?.session?.end();
    this.#next?.session?.end();
  };

  constructor(endpoint: string, policy: KeeperPolicy) {
    super();
    this.#endpoint = endpoint;
    this.#policy = policy;
  }

  get current(): Connection | null {
    return this.#current;
  }

  start(): void {
    window.addEventListener('online', this.#hurry);
    window.addEventListener('pagehide', this.#leave);
    this.#attempt();
  }

  stop(): void {
    window.removeEventListener('online', this.#hurry);
    window.removeEventListener('pagehide', this.#leave);
    this.#generation += 1;
    this.#cancelTimer();
    this.#unwatch();
    this.#next?.close();
    this.#current?.close();
    this.#next = null;
    this.#current = null;
  }

  /** Tries now instead of at the end of the wait. */
  retryNow(): void {
    this.#backoff.reset();
    this.#attempt();
  }

  /** Makes a new session while the current one goes on, which is closed once the new one is up. */
  replace(): void {
    if (this.#current !== null) this.#move(null);
  }

  #cancelTimer(): void {
    clearTimeout(this.#timer);
    this.#timer = undefined;
  }

  #attempt(): void {
    this.#cancelTimer();
    this.#generation += 1;
    void this.#connect(this.#generation);
  }

  async #connect(generation: number): Promise<void> {
    if (this.#next !== null && Date.now() - this.#next.createdAt > OFFER_LIFETIME_MS)
      this.#discardNext();
    const next = this.#next ?? this.#policy.create(this.#endpoint);
    this.#next = next;
    try {
      await next.open();
      if (generation === this.#generation) this.emit('answered', undefined);
      await next.connected();
    } catch (error) {
      if (generation === this.#generation) this.#failed(next, problemFrom(error));
      return;
    }
    if (generation !== this.#generation) return;
    const old = this.#current;
    this.#next = null;
    this.#current = next;
    this.#backoff.reset();
    this.#watch(next);
    this.emit('opened', next);
    // The channel may have opened, and told everything once, before this page was told that it is connected.
    for (const event of next.control.said()) this.#heard(event);
    old?.close();
  }

  #failed(next: Connection, problem: ProblemError): void {
    // Only an offer that was refused before a session existed can be sent again.
    if (next.session !== null || next.peer.signalingState !== 'have-local-offer')
      this.#discardNext();
    this.emit('refused', problem);
    const wait = this.#policy.retryIn(problem, this.#backoff.next());
    if (wait === null) {
      this.#discardNext();
      this.emit('gaveUp', problem);
      return;
    }
    this.#timer = setTimeout(() => this.#attempt(), wait);
    this.emit('waiting', { at: Date.now() + wait });
  }

  #discardNext(): void {
    this.#next?.close();
    this.#next = null;
  }

  #watch(connection: Connection): void {
    this.#unwatch();
    let repair: ReturnType<typeof setTimeout> | undefined;
    const check = () => {
      const state = connection.peer.connectionState;
      clearTimeout(repair);
      if (state === 'failed' || state === 'closed') void this.#lost(connection);
      if (state === 'disconnected')
        repair = setTimeout(() => void this.#repair(connection), DISCONNECT_GRACE_MS);
    };
    connection.peer.addEventListener('connectionstatechange', check);
    const offs = [
      // The server closed the session: DTLS tells the page seconds before ICE would notice.
      connection.control.on('close', () => void this.#lost(connection)),
      connection.control.on('event', (event) => this.#heard(event)),
      () => connection.peer.removeEventListener('connectionstatechange', check),
      () => clearTimeout(repair),
    ];
    this.#unwatch = () => offs.forEach((off) => off());
  }

  #heard(event: ControlEvent): void {
    if (event.type === 'reconnect') this.#move(event.url ?? null);
    this.emit('event', event);
  }

  async #repair(connection: Connection): Promise<void> {
    try {
      await connection.restartIce();
      await connection.connected(RESTART_PATIENCE_MS);
    } catch {
      void this.#lost(connection);
    }
  }

  /** Makes the new session first; the old one is closed once the new one carries media. */
  #move(url: string | null): void {
    this.#endpoint = url ?? this.#endpoint;
    this.#discardNext();
    this.#attempt();
  }

  async #lost(connection: Connection): Promise<void> {
    if (this.#current !== connection) return;
    this.#unwatch();
    this.#current = null;
    this.emit('lost', undefined);
    const generation = this.#generation;
    try {
      await this.#policy.mayReturn?.(connection);
    } catch (error) {
      connection.close();
      if (generation === this.#generation) this.emit('gaveUp', problemFrom(error));
      return;
    }
    connection.close();
    // A move that is under way already is the return.
    if (generation === this.#generation && this.#timer === undefined && this.#next === null)
      this.#attempt();
  }
}
