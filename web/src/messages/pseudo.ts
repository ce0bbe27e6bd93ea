// A made-up language: shows texts that were not taken from the catalogue, and layouts that
// break with longer words (German is about a third longer than English).

const ACCENTS: Record<string, string> = {
  a: 'á',
  e: 'é',
  i: 'í',
  o: 'ö',
  u: 'ü',
  A: 'Å',
  E: 'É',
  I: 'Î',
  O: 'Ø',
  U: 'Ü',
  n: 'ñ',
  s: 'š',
};

/** Accents on the words and a third more length; placeholders stay as they are. */
export function pseudoLocalise(message: string): string {
  let depth = 0;
  const accented = Array.from(message)
    .map((character) => {
      if (character === '{') depth += 1;
      if (character === '}') depth -= 1;
      return depth > 0 ? character : (ACCENTS[character] ?? character);
    })
    .join('');
  return `⟦${accented}${'·'.repeat(Math.ceil(message.length / 3))}⟧`;
}
