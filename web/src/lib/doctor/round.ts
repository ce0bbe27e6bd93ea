// One run through all steps of an examination: one after the other, so that none disturbs another. A step
// that fails says so and lets the others go on.

import { problemFrom } from '@/lib/api/problem';
import type { Snapshot } from '@/lib/snapshot';
import { codecsOf } from './codecs';
import { LineFailure, type Line } from './line';
import { openRelayed, tryDirect, tryRelays } from './paths';
import { measureQuality } from './quality';
import { measureDownlink, measureUplink } from './rates';
import { askServer, askWebSocket, unanswered } from './server';
import { STEPS, type ExaminationState, type Step, type StepState } from './steps';
import type { CodecFacts, DoctorNode, Facts, PathFacts } from './types';

export class Round {
  readonly #state: Snapshot<ExaminationState>;
  readonly #signal: AbortSignal;
  readonly #lines: Line[] = [];

  constructor(state: Snapshot<ExaminationState>, signal: AbortSignal) {
    this.#state = state;
    this.#signal = signal;
  }

  async run(): Promise<void> {
    const node = await this.#server();
    if (node !== null) await this.#examine(node);
    this.#skipRest();
  }

  async #examine(node: DoctorNode): Promise<void> {
    await this.#step('websocket', async () => ({ websocket: await askWebSocket(this.#signal) }));
    await this.#step('codecs', () => Promise.resolve({ codecs: codecsHere() }));
    try {
      const line = await this.#ways(node);
      await this.#step('quality', async () => {
        if (line === null) return null;
        return measureQuality(line, node.limits, this.#signal);
      });
    } finally {
      this.#lines.forEach((line) => line.close());
    }
    await this.#step('down', async () => {
      const rate = await measureDownlink(node.limits, this.#signal);
      return rate === null ? null : { rates: { ...this.#facts.rates, down_bps: rate } };
    });
    await this.#step('up', async () => {
      const rate = await measureUplink(node.limits, this.#signal);
      return rate === null ? null : { rates: { ...this.#facts.rates, up_bps: rate } };
    });
  }

  #stopped(): boolean {
    return this.#signal.aborted;
  }

  get #facts(): Facts {
    return this.#state.get().facts;
  }

  /** Without an answer there is nobody to examine. */
  async #server(): Promise<DoctorNode | null> {
    this.#mark('server', 'running');
    try {
      const { node, http, clockOffset } = await askServer(this.#signal);
      const offset = clockOffset === null ? {} : { clock_offset_ms: clockOffset };
      this.#know({ node: node.node, http, ...offset });
      this.#mark('server', 'done');
      return node;
    } catch (error) {
      if (this.#stopped()) return null;
      const problem = problemFrom(error);
      this.#know({ http: unanswered(problem) });
      this.#state.set({ problem });
      this.#mark('server', 'done');
      return null;
    }
  }

  /** Tries every way, and gives the line over the best that works. */
  async #ways({ relays }: DoctorNode): Promise<Line | null> {
    if (!('RTCPeerConnection' in window)) return null;
    const direct = async (layer: 'udp' | 'tcp') => {
      let found: Line | null = null;
      await this.#step(layer, async () => {
        const { paths, line } = await tryDirect(layer, this.#signal);
        if (line !== null) this.#lines.push(line);
        found = line;
        return this.#tried(paths);
      });
      return found as Line | null;
    };
    const [udp, tcp] = await Promise.all([direct('udp'), direct('tcp')]);
    await this.#step('relay', async () => {
      return this.#tried(await tryRelays(relays, this.#signal));
    });
    return udp ?? tcp ?? (await this.#relayed(relays));
  }

  /** Adds at once to what is known: another way that is tried at the same time may end in the same moment. */
  #tried(paths: PathFacts[]): Partial<Facts> {
    this.#know({ paths: [...this.#facts.paths, ...paths] });
    return {};
  }

  /** A relay that gives an allocation and leads nowhere does not work. */
  async #relayed(relays: DoctorNode['relays']): Promise<Line | null> {
    for (const path of this.#facts.paths.filter(({ outcome }) => outcome === 'works')) {
      const relay = relays.find(({ url }) => url === path.target);
      if (relay === undefined || this.#stopped()) continue;
      try {
        const line = await openRelayed(relay, this.#signal);
        this.#lines.push(line);
        return line;
      } catch (error) {
        if (!(error instanceof LineFailure)) break;
        const failure = error.failure === 'absent' ? 'other' : error.failure;
        this.#know({
          paths: this.#facts.paths.map((one) =>
            one === path ? { ...one, outcome: 'fails', failure } : one,
          ),
        });
      }
    }
    return null;
  }

  /** Null where there was nothing to learn. */
  async #step(step: Step, look: () => Promise<Partial<Facts> | null>): Promise<void> {
    if (this.#stopped()) return;
    this.#mark(step, 'running');
    let found: Partial<Facts> | null = null;
    try {
      found = await look();
    } catch (error) {
      if (this.#stopped()) return;
      const { problem } = this.#state.get();
      this.#state.set({ problem: problem ?? problemFrom(error) });
    }
    if (this.#stopped()) return;
    if (found !== null) this.#know(found);
    this.#mark(step, found === null ? 'skipped' : 'done');
  }

  /** What was not looked at for want of what comes before. */
  #skipRest(): void {
    if (this.#stopped()) return;
    const { steps } = this.#state.get();
    const rest = STEPS.map((step) => [step, steps[step] === 'done' ? 'done' : 'skipped']);
    this.#state.set({ steps: Object.fromEntries(rest) as Record<Step, StepState> });
  }

  #know(facts: Partial<Facts>): void {
    if (!this.#stopped()) this.#state.set({ facts: { ...this.#facts, ...facts } });
  }

  #mark(step: Step, to: StepState): void {
    if (!this.#stopped()) this.#state.set({ steps: { ...this.#state.get().steps, [step]: to } });
  }
}

function codecsHere(): CodecFacts {
  const { RTCRtpReceiver: receives, RTCRtpSender: sends } = window as Partial<typeof globalThis>;
  return codecsOf(receives, sends);
}
