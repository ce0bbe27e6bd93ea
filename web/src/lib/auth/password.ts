// What a password lacks, said while it is typed. The server decides; this only saves a round trip.

import type { PasswordPolicy } from '@/lib/api/types';

export type Demand = 'min_length' | 'upper' | 'lower' | 'digit' | 'special';

const CHECKS: Record<Demand, (password: string, policy: PasswordPolicy) => boolean> = {
  min_length: (password, policy) => Array.from(password).length >= policy.min_length,
  upper: (password) => /\p{Lu}/u.test(password),
  lower: (password) => /\p{Ll}/u.test(password),
  digit: (password) => /\p{Nd}/u.test(password),
  special: (password) => /[^\p{L}\p{Nd}\s]/u.test(password),
};

/** What the policy asks for, in the order in which it is listed, and whether the password has it. */
export function demandsOf(
  password: string,
  policy: PasswordPolicy,
): { demand: Demand; met: boolean }[] {
  const asked = (Object.keys(CHECKS) as Demand[]).filter(
    (demand) => demand === 'min_length' || policy[demand],
  );
  return asked.map((demand) => ({ demand, met: CHECKS[demand](password, policy) }));
}

export function meetsPolicy(password: string, policy: PasswordPolicy): boolean {
  return demandsOf(password, policy).every(({ met }) => met);
}

/**
 * 0 (empty) to 4 (strong), by length and by how many different characters there are: a longer
 * password counts more than a stranger one.
 */
export function strengthOf(password: string): 0 | 1 | 2 | 3 | 4 {
  if (password === '') return 0;
  const characters = Array.from(password);
  const variety = new Set(characters).size;
  const kinds = [/\p{Ll}/u, /\p{Lu}/u, /\p{Nd}/u, /[^\p{L}\p{Nd}]/u].filter((kind) =>
    kind.test(password),
  ).length;
  const bits = Math.min(characters.length, variety * 1.5) * (2.5 + kinds * 0.8);
  if (bits < 30) return 1;
  if (bits < 45) return 2;
  if (bits < 65) return 3;
  return 4;
}
