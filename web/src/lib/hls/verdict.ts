// What a refusal means for a viewer of HLS.

import { ProblemError } from '@/lib/api/problem';
import type { ViewerPhase } from '@/lib/rtc/whep';

/**
 * `absent` is off the air, which is asked for again and again; `away` is a loss that is repaired;
 * `final` is for a person to solve.
 */
export type Verdict = 'absent' | 'away' | 'final';

export function verdictOn({ code, status }: ProblemError): Verdict {
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

export function problemFrom(error: unknown): ProblemError {
  return error instanceof ProblemError ? error : new ProblemError('unexpected', { cause: error });
}
