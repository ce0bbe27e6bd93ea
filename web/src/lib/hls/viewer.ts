// A viewer of HLS: of a running broadcast or of a recording. Comes back by itself as that of WebRTC does.

import { problemFrom, ProblemError } from '@/lib/api/problem';
import { Backoff } from '@/lib/rtc/backoff';
import { NOTHING_TO_SHOW, type CredentialSource } from '@/lib/rtc/credential';
import type { Latency } from '@/lib/rtc/latency';
import { Snapshot } from '@/lib/snapshot';
import { openEngine, type Engine, type Trouble } from './engine';
import { FIRST_SEGMENT_MS, MENDINGS, OFF_BY_MS, OFFLINE_POLL_MS, SERVED_LATELY_MS } from './limits';
import { beginningOf } from './preflight';
import { ServedClock } from './served-clock';
import { StallWatch } from './stall-watch';
import { INITIAL, OFF, PLAYING, type HlsState, type HlsViewerOptions } from './state';
import { playable, timesOf, type Times } from './times';
import { absentPhase, verdictOn } from './verdict';

export class HlsViewer {
  readonly state = new Snapshot<HlsState>(INITIAL);
  readonly clock = new ServedClock();
  readonly #url: string;
  readonly #live: boolean;
  readonly #credential: CredentialSource;
  readonly #backoff = new Backoff();
  #video: HTMLVideoElement | null = null;
  #engine: Engine | null = null;
  /** Where it shall begin, as in `Times`; null is live, or the start. */
  #wish: number | null = null;
  #generation = 0;
  #timer: ReturnType<typeof setTimeout> | undefined;
  #watch: StallWatch | null = null;
  #mended = 0;
  /** Whether it shall be live, and not where somebody went to. */
  #following = false;
  #servedAt = 0;
  readonly #hurry = () => {
    if (this.state.get().phase === 'reconnecting' || this.state.get().stalled) this.#attempt();
  };
  readonly #onEnded = () => this.#ended();

  constructor({ url, live, credential = NOTHING_TO_SHOW }: HlsViewerOptions) {
    this.#url = url;
    this.#live = live;
    this.#credential = credential;
  }

  get engine(): Engine | null {
    return this.#engine;
  }

  /** Plays in the element from there on, as in `Times`; null is live, or the start. */
  start(video: HTMLVideoElement, from: number | null): void {
    this.#video = video;
    this.#wish = from;
    this.#following = this.#live && from === null;
    this.#mended = 0;
    this.#watch = new StallWatch(video, {
      onMove: () => this.#moves(),
      onStall: () => this.state.set({ stalled: this.#engine !== null }),
      onInterrupted: () => this.#interrupted(),
      onPause: () => this.#follow(false),
    });
    video.addEventListener('ended', this.#onEnded);
    window.addEventListener('online', this.#hurry);
    this.#attempt();
  }

  stop(): void {
    this.#generation += 1;
    clearTimeout(this.#timer);
    this.#watch?.stop();
    this.#video?.removeEventListener('ended', this.#onEnded);
    window.removeEventListener('online', this.#hurry);
    this.#close();
    this.#video = null;
    this.state.set({ phase: 'connecting', missing: null, problem: null, stalled: false });
  }

  retryNow(): void {
    this.#backoff.reset();
    this.#mended = 0;
    this.state.set({ phase: 'connecting', problem: null });
    this.#attempt();
  }

  select(rid: string | null): void {
    this.state.set({ pinned: rid });
    this.#engine?.select(rid);
  }

  /** Plays faster or slower. */
  setRate(rate: number): void {
    if (rate !== 1) this.#follow(false);
    if (this.#video !== null) this.#video.playbackRate = rate;
  }

  /** Goes to a moment, as in `Times`. */
  seek(to: number): void {
    const video = this.#video;
    this.#follow(false);
    if (video === null || this.#engine === null) {
      this.#wish = to;
      return;
    }
    const position = this.#live ? this.#engine.positionOf(to) : to / 1000;
    if (position !== null) video.currentTime = playable(video, position);
  }

  /** The newest that can be played without a stop. */
  goToEdge(): void {
    this.#wish = null;
    this.#follow(true);
    const edge = this.#engine?.edge;
    if (this.#video && edge != null) this.#video.currentTime = edge;
  }

  times(): Times | null {
    return this.#video && this.#engine && timesOf(this.#video, this.#engine, this.#live);
  }

  /** Age of the picture by the dates of the playlist. */
  latency(): Latency | null {
    const at = this.times()?.at;
    return this.#live && at !== undefined ? this.clock.ageOf(at) : null;
  }

  #attempt(): void {
    clearTimeout(this.#timer);
    this.#generation += 1;
    void this.#open(this.#generation);
  }

  async #open(generation: number): Promise<void> {
    try {
      const from = await beginningOf(this.#url, this.#live, this.#wish, this.#credential);
      if (generation !== this.#generation || this.#video === null) return;
      if (this.#engine !== null) {
        this.#engine.resume();
        return;
      }
      const options = { url: this.#url, credential: this.#credential, live: this.#live, from };
      const engine = await openEngine(this.#video, options);
      if (generation !== this.#generation) engine.close();
      else this.#plays(engine);
    } catch (error) {
      if (generation === this.#generation) this.#refused(problemFrom(error));
    }
  }

  #plays(engine: Engine): void {
    const { pinned } = this.state.get();
    this.#engine = engine;
    engine.on('layers', (layers) => {
      this.state.set({ layers });
      if (pinned !== null && layers.some(({ rid }) => rid === pinned)) engine.select(pinned);
    });
    engine.on('layer', (current) => this.state.set({ current }));
    engine.on('served', (answer) => {
      this.#servedAt = Date.now();
      this.clock.add(answer);
    });
    engine.on('trouble', (trouble) => this.#trouble(trouble));
    this.state.set({ phase: 'starting', missing: null, problem: null });
  }

  #refused(problem: ProblemError): void {
    const { phase } = this.state.get();
    const verdict = verdictOn(problem);
    const patience = problem.retryAfter ?? 0;
    if (verdict === 'begins') {
      this.state.set({ phase: 'starting', missing: null, problem: null });
      return this.#again(FIRST_SEGMENT_MS);
    }
    if (verdict === 'away') {
      const shown = phase === 'ended' ? phase : 'reconnecting';
      this.state.set({ phase: shown, missing: 'connection', problem });
      return this.#again(Math.max(this.#backoff.next(), patience));
    }
    this.#close();
    this.#watch?.settle();
    this.#backoff.reset();
    if (verdict === 'final') {
      this.state.set({ phase: 'failed', missing: null, problem, stalled: false });
      return;
    }
    this.#wish = null;
    this.state.set({ ...OFF, phase: absentPhase(phase) });
    this.#again((patience === 0 ? OFFLINE_POLL_MS : patience) * (0.9 + Math.random() * 0.3));
  }

  #again(wait: number): void {
    clearTimeout(this.#timer);
    this.#timer = setTimeout(() => this.#attempt(), wait);
  }

  #trouble({ kind }: Trouble): void {
    // The reason is asked for by the next attempt, in words that people can read.
    if (kind === 'network') return this.#again(this.#backoff.next());
    this.#mended += 1;
    if (this.#mended <= MENDINGS) this.#engine?.mend();
    else this.#refused(new ProblemError('no_common_codec'));
  }

  #moves(): void {
    if (this.#engine === null) return;
    const at = this.times()?.at;
    if (this.#wish !== null && at !== undefined) {
      const wish = this.#wish;
      this.#wish = null;
      if (Math.abs(at - wish) > OFF_BY_MS) this.seek(wish);
    }
    this.#backoff.reset();
    const interrupted = this.state.get().phase === 'reconnecting';
    this.state.set(PLAYING);
    // What was missed by a broken line is the price of being live.
    if (interrupted && this.#following) this.goToEdge();
  }

  #follow(wanted: boolean): void {
    this.#following = wanted;
    this.#engine?.follow(wanted);
  }

  #interrupted(): void {
    if (this.state.get().phase !== 'live') return;
    const served = this.#live && navigator.onLine && Date.now() - this.#servedAt < SERVED_LATELY_MS;
    this.state.set({ phase: 'reconnecting', missing: served ? 'publisher' : 'connection' });
  }

  #ended(): void {
    if (this.#engine === null) return;
    this.#watch?.settle();
    this.state.set({ ...OFF, phase: 'ended' });
    // A recording stays where it ended; a stream may go live again.
    if (!this.#live) return;
    this.#close();
    this.#wish = null;
    this.#again(OFFLINE_POLL_MS);
  }

  #close(): void {
    this.#engine?.close();
    this.#engine = null;
  }
}
