// The steps of an examination, and what is known after them.

import type { ProblemError } from '@/lib/api/problem';
import type { Diagnosis, Facts } from './types';

/** In the order in which they are taken. */
export const STEPS = [
  'server',
  'websocket',
  'codecs',
  'udp',
  'tcp',
  'relay',
  'quality',
  'down',
  'up',
] as const;
export type Step = (typeof STEPS)[number];
/** `skipped` could not be looked at: something before it failed, or the server had enough of us. */
export type StepState = 'waiting' | 'running' | 'done' | 'skipped';

export interface ExaminationState {
  phase: 'idle' | 'running' | 'done';
  steps: Readonly<Record<Step, StepState>>;
  facts: Facts;
  diagnosis: Diagnosis | null;
  /** Why steps were skipped, or there is no diagnosis: the first that went wrong. */
  problem: ProblemError | null;
  /** When it was over, UTC in milliseconds. */
  at: number | null;
}

export const NOT_BEGUN = Object.fromEntries(STEPS.map((step) => [step, 'waiting'])) as Record<
  Step,
  StepState
>;
