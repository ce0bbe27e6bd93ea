import { readdirSync, readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';

const tokens = readFileSync('src/styles/tokens.css', 'utf8');

function themeOf(name: string): Record<string, string> {
  const block = new RegExp(`\\[data-theme='${name}'\\] \\{([^}]*)\\}`).exec(tokens)?.[1] ?? '';
  const colours = block.matchAll(/--([\w-]+): (#[0-9a-f]{6});/g);
  return Object.fromEntries(
    [...colours].map(([, token = '', colour = '']): [string, string] => [token, colour]),
  );
}

/** Relative luminance, WCAG 2.2. */
function luminance(colour: string): number {
  const [red = 0, green = 0, blue = 0] = [1, 3, 5].map((at) => {
    const value = parseInt(colour.slice(at, at + 2), 16) / 255;
    return value <= 0.04045 ? value / 12.92 : ((value + 0.055) / 1.055) ** 2.4;
  });
  return 0.2126 * red + 0.7152 * green + 0.0722 * blue;
}

function contrast(a: string, b: string): number {
  const [light = 0, dark = 0] = [luminance(a), luminance(b)].sort((x, y) => y - x);
  return (light + 0.05) / (dark + 0.05);
}

const TEXT: [text: string, ground: string][] = [
  ...['text', 'text-2', 'text-3', 'accent-text', 'danger-text'].flatMap((text) =>
    ['page', 'panel', 'raised'].map((ground): [string, string] => [text, ground]),
  ),
  ...[1, 2, 3, 4, 5, 6, 7, 8].flatMap((tone) =>
    ['panel', 'raised', 'hover'].map((ground): [string, string] => [`name-${tone}`, ground]),
  ),
  ['text', 'hover'],
  ['text-2', 'hover'],
  ['accent-ink', 'accent'],
  ['accent-ink', 'accent-hover'],
  ['live-ink', 'live'],
  ['live-ink', 'live-hover'],
  ['warn-text', 'warn-wash'],
  ['warn-text', 'panel'],
  ['good-text', 'good-wash'],
  ['good-text', 'panel'],
  ['text', 'danger-wash'],
  ['text-2', 'danger-wash'],
  ['danger-text', 'danger-wash'],
  ['accent-text', 'accent-wash'],
];

describe.each(['dark', 'light', 'contrast'])('the %s theme', (name) => {
  const theme = themeOf(name);

  it.each(TEXT)('can be read: %s on %s', (text, ground) => {
    expect(contrast(theme[text] ?? '', theme[ground] ?? '')).toBeGreaterThanOrEqual(4.5);
  });

  it('shows the edges of its controls', () => {
    expect(contrast(theme['line-control'] ?? '', theme.page ?? '')).toBeGreaterThanOrEqual(3);
    expect(contrast(theme['line-control'] ?? '', theme.panel ?? '')).toBeGreaterThanOrEqual(3);
  });
});

it('is the only place with colours', () => {
  const files = readdirSync('src', { recursive: true, encoding: 'utf8' });
  const sheets = files.filter((file) => file.endsWith('.module.css')).map((file) => `src/${file}`);
  const literal = /#[0-9a-f]{3,8}\b|\b(?:rgb|hsl|oklch)a?\(/i;
  expect(sheets.length).toBeGreaterThan(10);
  expect(sheets.filter((sheet) => literal.test(readFileSync(sheet, 'utf8')))).toEqual([]);
});
