// One word about all of it, for who reads nothing else.

import type { ExaminationState } from '@/lib/doctor/steps';
import type { Way } from '@/lib/doctor/types';

export type Verdict = 'good' | 'fair' | 'bad' | 'unknown';

export function verdictOf({ diagnosis, facts }: Pick<ExaminationState, 'diagnosis' | 'facts'>): {
  verdict: Verdict;
  way: Way;
} {
  if (facts.http?.outcome === 'fails') return { verdict: 'bad', way: 'nothing' };
  if (diagnosis === null) return { verdict: 'unknown', way: 'unknown' };
  const { findings, way } = diagnosis;
  const has = (severity: string) => findings.some((finding) => finding.severity === severity);
  const verdict = has('error') ? 'bad' : has('warning') ? 'fair' : 'good';
  // Good is what was seen to be good.
  return { verdict: verdict === 'good' && way === 'unknown' ? 'unknown' : verdict, way };
}
