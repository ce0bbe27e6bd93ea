import { describe, expect, it } from 'vitest';
import { de } from './de';
import { en } from './en';
import { formatMessage } from './format';
import { pseudoLocalise } from './pseudo';

/** Names of the values that a message needs, in order. */
function placeholders(message: string): string[] {
  return [
    ...new Set([...message.matchAll(/\{(\w+)(?=[},])/g)].map((match) => match[1] ?? '')),
  ].sort();
}

describe('messages', () => {
  it('fill values and write numbers as the language does it', () => {
    expect(formatMessage('{name} has {count}', { name: 'A', count: 1_234_567 }, 'de')).toBe(
      'A has 1.234.567',
    );
  });

  it('choose the plural form, an exact number first', () => {
    const message = '{count, plural, =0 {nobody} one {# viewer} other {# viewers}} of {name}';
    const write = (count: number) => formatMessage(message, { count, name: 'x' }, 'en');
    expect([write(0), write(1), write(1500)]).toEqual([
      'nobody of x',
      '1 viewer of x',
      '1,500 viewers of x',
    ]);
  });

  it('take the same values in German and English', () => {
    for (const key of Object.keys(en) as (keyof typeof en)[]) {
      expect([key, placeholders(de[key])]).toEqual([key, placeholders(en[key])]);
    }
  });

  it('say nothing with an exclamation mark', () => {
    expect(
      [...Object.values(en), ...Object.values(de)].filter((message) => message.includes('!')),
    ).toEqual([]);
  });

  it('keep their placeholders in the pseudo locale and grow longer', () => {
    const pseudo = pseudoLocalise(en['count.viewers']);
    expect(formatMessage(pseudo, { count: 3 }, 'en')).toContain('3 viewers');
    expect(pseudoLocalise('Share').length).toBeGreaterThan('Share'.length);
  });
});
