// Which way the picture of a running broadcast comes: directly (WebRTC) or by HLS, and why.

import { Snapshot } from '@/lib/snapshot';
import { Patience } from './fallback';

/** What the viewer of the page prefers. */
export type RouteChoice = 'auto' | 'direct' | 'hls';
export type Route = 'direct' | 'hls';

export const ROUTE_CHOICES: readonly RouteChoice[] = ['auto', 'direct', 'hls'];

export interface Switched {
  route: Route;
  /** Why it is HLS: no packet comes through, it was chosen, or the viewer went back in time. */
  why: 'blocked' | 'chosen' | 'rewound' | null;
  /** Where HLS begins, on the server's clock; null is live. */
  from: number | null;
  choice: RouteChoice;
}

/** What the direct line tells. */
export interface DirectLine {
  on(type: 'answered' | 'connection', listener: () => void): () => void;
  on(type: 'refused', listener: (problem: { code: string }) => void): () => void;
}

export class Switchboard {
  readonly state: Snapshot<Switched>;
  readonly #patience = new Patience(() => this.#blocked());
  readonly #canDirect: boolean;

  constructor(choice: RouteChoice, canDirect = 'RTCPeerConnection' in window) {
    this.#canDirect = canDirect;
    this.state = new Snapshot<Switched>({ ...this.#liveRoute(choice), from: null, choice });
  }

  /** Whether the direct line shall be up: also while somebody looks back, to return at once. */
  static keepsDirect({ route, why }: Switched): boolean {
    return route === 'direct' || why === 'rewound';
  }

  watch(line: DirectLine): () => void {
    const offs = [
      line.on('answered', () => this.#patience.answered()),
      line.on('connection', () => this.#patience.settled()),
      line.on('refused', ({ code }) => this.#patience.refused(code)),
      () => this.#patience.settled(),
    ];
    return () => offs.forEach((off) => off());
  }

  choose(choice: RouteChoice): void {
    this.#patience.settled();
    this.state.set({ ...this.#liveRoute(choice), from: null, choice });
  }

  /** Tries the direct line again. */
  retryDirect(): void {
    this.choose(this.state.get().choice === 'direct' ? 'direct' : 'auto');
  }

  /** Goes back to a moment of the server's clock. */
  rewind(to: number): void {
    const { route } = this.state.get();
    if (route === 'direct') this.state.set({ route: 'hls', why: 'rewound', from: to });
  }

  /** Live again, by the way that is the best. True where the way changed. */
  goLive(): boolean {
    if (this.state.get().why !== 'rewound') return false;
    this.state.set({ route: 'direct', why: null, from: null });
    return true;
  }

  #liveRoute(choice: RouteChoice): Pick<Switched, 'route' | 'why'> {
    if (choice === 'hls') return { route: 'hls', why: 'chosen' };
    if (!this.#canDirect) return { route: 'hls', why: 'blocked' };
    return { route: 'direct', why: null };
  }

  #blocked(): void {
    const { route, choice } = this.state.get();
    if (route === 'direct' && choice === 'auto')
      this.state.set({ route: 'hls', why: 'blocked', from: null });
  }
}
