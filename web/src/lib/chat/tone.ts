// One of a few colours for a name, the same each time.

export const TONES = 8;

/** FNV-1a: spreads names that differ in one letter. */
export function toneOf(who: string): number {
  let hash = 0x811c9dc5;
  for (const character of who) {
    hash ^= character.codePointAt(0) ?? 0;
    hash = Math.imul(hash, 0x01000193);
  }
  return ((hash >>> 0) % TONES) + 1;
}
