// What a refusal means for a viewer of HLS.

import { ProblemError } from '@/lib/api/problem';
import type { ViewerPhase } from '@/lib/rtc/whep';

/** A broadcast that has just begun: it has no whole segment, without which hls.js calls a playlist broken. */
export class NothingYet extends ProblemError {
  constructor() {
    super('hls_not_live');
  }
}

/**
 * `begins` is on the air and looked at again in a moment; `absent` is off the air, which is asked for
 * again and again; `away` is a loss that is repaired; `final` is for a person to solve.
 */
export type Verdict = 'begins' | 'absent' | 'away' | 'final';

export function verdictOn(problem: ProblemError): Verdict {
  if (problem instanceof NothingYet) return 'begins';
  const { code, status } = problem;
  // Nothing came in time, whatever the reason: it may in the next moment.
  if (status === 503) return 'away';
  switch (code) {
    case 'not_live':
    case 'hls_not_live':
      return 'absent';
    case 'network':
    case 'timeout':
    case 'overloaded':
    case 'unavailable':
    case 'rate_limited':
    case 'internal':
    case 'unexpected':
      return 'away';
    default:
      return 'final';
  }
}

/** What is said of a stream that is off the air, by what was said before. */
export function absentPhase(before: ViewerPhase): ViewerPhase {
  return before === 'ended' || before === 'live' || before === 'reconnecting' ? 'ended' : 'offline';
}
