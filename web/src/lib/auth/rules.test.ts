import { describe, expect, it } from 'vitest';
import { deviceKind, deviceName } from './device';
import { suggestHandle, validHandle } from './handle';
import { safeNext } from './next';
import { demandsOf, meetsPolicy, strengthOf } from './password';

const POLICY = { min_length: 8, upper: true, lower: true, digit: true, special: false };

describe('the way back after signing in', () => {
  it.each([
    ['/settings/security', '/settings/security'],
    ['/admin/users?q=a&role=admin#top', '/admin/users?q=a&role=admin#top'],
    ['/', '/'],
  ])('leads to the path %s', (value, path) => expect(safeNext(value)).toBe(path));

  it.each([
    null,
    '',
    'settings',
    'https://evil.example/',
    '//evil.example/x',
    '/\\evil.example',
    '/\t/evil.example',
    'javascript:alert(1)',
    '/sign-in?next=/sign-in',
    '/setup',
  ])('never leads to %s', (value) => expect(safeNext(value)).toBeNull());
});

describe('a password', () => {
  it('is asked for what the policy asks for, and no more', () => {
    expect(demandsOf('abc', POLICY)).toEqual([
      { demand: 'min_length', met: false },
      { demand: 'upper', met: false },
      { demand: 'lower', met: true },
      { demand: 'digit', met: false },
    ]);
    expect(meetsPolicy('Ångström1', POLICY)).toBe(true);
    expect(meetsPolicy('Ångström1', { ...POLICY, special: true })).toBe(false);
  });

  it('is stronger when longer, and weak when it repeats itself', () => {
    expect(strengthOf('')).toBe(0);
    expect(strengthOf('aaaaaaaaaaaaaaaa')).toBe(1);
    expect(strengthOf('Passw0rd')).toBeLessThan(4);
    expect(strengthOf('correct horse battery staple')).toBe(4);
  });
});

describe('a handle', () => {
  it.each([
    ['Zoë van Dyk', 'zoe-van-dyk'],
    ['Jürgen Groß', 'juergen-gross'],
    ['  __A.B.C__ ', 'a-b-c'],
    ['محمد', ''],
    ['ab', ''],
    ['x'.repeat(80), 'x'.repeat(30)],
  ])('is made of the name %s', (name, handle) => {
    expect(suggestHandle(name)).toBe(handle);
    if (handle !== '') expect(validHandle(handle)).toBe(true);
  });

  it('has letters and digits at both ends, and 3 to 30 characters', () => {
    expect(['Ada_L', 'a1-b'].map(validHandle)).toEqual([true, true]);
    expect(['-ab', 'ab-', 'a b', 'ab', 'ä12', 'x'.repeat(31)].some(validHandle)).toBe(false);
  });
});

describe('a device', () => {
  it.each([
    [
      'Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0',
      'Firefox, Linux',
      'computer',
    ],
    [
      'Mozilla/5.0 (iPhone; CPU iPhone OS 18_0 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like Gecko) Version/18.0 Mobile/15E148 Safari/604.1',
      'Safari, iPhone',
      'phone',
    ],
    [
      'Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/140.0 Safari/537.36 Edg/140.0',
      'Edge, Windows',
      'computer',
    ],
    ['curl/8', '', 'computer'],
  ])('is named after browser and system: %s', (agent, name, kind) => {
    expect(deviceName(agent)).toBe(name);
    expect(deviceKind(name)).toBe(kind);
  });
});
