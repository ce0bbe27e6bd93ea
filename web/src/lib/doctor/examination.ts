// The examination of a connection: what is measured here, and what the server makes of it.

import { problemFrom } from '@/lib/api/problem';
import { Snapshot } from '@/lib/snapshot';
import { diagnose } from './api';
import { Round } from './round';
import { NOT_BEGUN, type ExaminationState } from './steps';
import type { Facts, StreamFacts } from './types';

export class Examination {
  readonly state: Snapshot<ExaminationState>;
  #running: AbortController | null = null;

  constructor(stream: StreamFacts) {
    this.state = new Snapshot<ExaminationState>({
      phase: 'idle',
      steps: NOT_BEGUN,
      facts: { vantage: 'browser', paths: [], stream },
      diagnosis: null,
      problem: null,
      at: null,
    });
  }

  /** Begins, or begins anew. */
  async start(): Promise<void> {
    this.stop();
    const running = new AbortController();
    this.#running = running;
    const { stream } = this.state.get().facts;
    this.state.set({
      phase: 'running',
      steps: NOT_BEGUN,
      facts: { vantage: 'browser', paths: [], ...(stream === undefined ? {} : { stream }) },
      diagnosis: null,
      problem: null,
      at: null,
    });
    await new Round(this.state, running.signal).run();
    if (running.signal.aborted) return;
    await this.#conclude(running.signal);
  }

  stop(): void {
    this.#running?.abort();
    this.#running = null;
    if (this.state.get().phase === 'running') this.state.set({ phase: 'idle', steps: NOT_BEGUN });
  }

  /** The same measurements, seen with another stream in mind. */
  async compare(stream: StreamFacts): Promise<void> {
    this.#know({ stream });
    if (this.state.get().phase !== 'done') return;
    const running = new AbortController();
    this.#running?.abort();
    this.#running = running;
    await this.#conclude(running.signal);
  }

  async #conclude(signal: AbortSignal): Promise<void> {
    const { facts, problem } = this.state.get();
    const done = { phase: 'done', at: Date.now() } as const;
    try {
      const diagnosis = await diagnose(facts, signal);
      if (!signal.aborted) this.state.set({ ...done, diagnosis });
    } catch (error) {
      if (!signal.aborted)
        this.state.set({ ...done, diagnosis: null, problem: problem ?? problemFrom(error) });
    }
  }

  #know(facts: Partial<Facts>): void {
    this.state.set({ facts: { ...this.state.get().facts, ...facts } });
  }
}
