import { describe, expect, it } from 'vitest';
import { put, matching, wantedAt } from './completion';
import { obstacleOf } from './obstacle';
import { AT_FIRST, type ChatState } from './state';
import { lengthOf, partsOf } from './text';
import { RULES, ada } from '@/testing/chat';

const kinds = (text: string) => partsOf({ text }).map(({ kind }) => kind);

describe('the text of a message', () => {
  // Requirements: R188
  it('has links to the web alone, and says where they lead', () => {
    expect(partsOf({ text: 'see https://example.org/plans?x=1.' })).toEqual([
      { kind: 'text', text: 'see ' },
      {
        kind: 'link',
        href: 'https://example.org/plans?x=1',
        host: 'example.org',
        rest: '/plans?x=1',
      },
      { kind: 'text', text: '.' },
    ]);
    expect(kinds('javascript:alert(1) data:text/html,x ftp://x')).toEqual(['text']);
    expect(kinds('<img src=x onerror=alert(1)>')).toEqual(['text']);
  });

  it('spells out hosts that look like others, and takes no name before a host', () => {
    const [link] = partsOf({ text: 'https://аpple.com/login' });
    expect(link).toMatchObject({ kind: 'link', host: 'xn--pple-43d.com' });
    expect(kinds('https://bank.example@evil.example/')).toEqual(['text']);
  });

  it('has emotes where the server found them, counted in characters', () => {
    const emotes = [{ name: 'saw', url: '/assets/saw.png', start: 3, end: 8 }];
    expect(partsOf({ text: '🪚🪵 :saw: ok', emotes })).toEqual([
      { kind: 'text', text: '🪚🪵 ' },
      { kind: 'emote', name: 'saw', url: '/assets/saw.png' },
      { kind: 'text', text: ' ok' },
    ]);
  });

  it('shows no picture of another server', () => {
    const emotes = [{ name: 'x', url: '//evil.example/x.png', start: 0, end: 3 }];
    expect(partsOf({ text: ':x:', emotes })).toEqual([{ kind: 'text', text: ':x:' }]);
  });

  it('finds names, but not in addresses of mail', () => {
    expect(partsOf({ text: 'hi @Mira, write to ada@example.org' })).toEqual([
      { kind: 'text', text: 'hi ' },
      { kind: 'mention', handle: 'mira', text: '@Mira' },
      { kind: 'text', text: ', write to ada@example.org' },
    ]);
  });

  it('is as long as the server counts it', () => {
    expect(lengthOf('🪚a')).toBe(2);
  });
});

describe('completion', () => {
  it('knows what is being written at the caret', () => {
    expect(wantedAt('hello @mi', 9)).toEqual({ kind: 'mention', from: 6, word: 'mi' });
    expect(wantedAt(':sa', 3)).toEqual({ kind: 'emote', from: 0, word: 'sa' });
    expect(wantedAt('/ti', 3)).toEqual({ kind: 'command', from: 0, word: 'ti' });
    expect(wantedAt('at 10:30', 8)).toBeNull();
    expect(wantedAt('a :D', 4)).toBeNull();
    expect(wantedAt('ada@mi', 6)).toBeNull();
  });

  it('puts the word in place of what was begun and goes on behind it', () => {
    const wanted = wantedAt('hello @mi there', 9);
    expect(wanted && put('hello @mi there', wanted, 9, '@mira')).toEqual({
      text: 'hello @mira there',
      caret: 12,
    });
  });

  it('offers what begins with the word before what has it inside', () => {
    expect(matching(['remark', 'mark', 'Mara'], 'mar', (name) => [name], 2)).toEqual([
      'mark',
      'Mara',
    ]);
  });
});

describe('who may not write', () => {
  const state = (change: Partial<ChatState>): ChatState => ({
    ...AT_FIRST,
    status: 'open',
    settings: RULES,
    you: ada(),
    ...change,
  });
  const why = (change: Partial<ChatState>, reader = {}) =>
    obstacleOf(state(change), { following: true, pays: false, ...reader }, 1000)?.why;
  const guest = { ...ada({ write: false }), id: null, handle: null };

  // Requirements: R195
  it('is told why: closed, guest, follower, member, timeout, ban', () => {
    expect(why({})).toBeUndefined();
    expect(why({ settings: { ...RULES, enabled: false } })).toBe('closed');
    expect(why({ you: guest })).toBe('sign_in');
    expect(
      why({ you: { ...guest, may: ada().may }, settings: { ...RULES, anonymous_may_write: true } }),
    ).toBeUndefined();
    expect(why({ settings: { ...RULES, followers_minutes: 0 } }, { following: false })).toBe(
      'follow',
    );
    expect(why({ settings: { ...RULES, modes: ['subscribers_only'] } })).toBe('tier');
    expect(
      why({ settings: { ...RULES, modes: ['subscribers_only'] } }, { pays: true }),
    ).toBeUndefined();
    expect(why({ you: ada({ silent_until: 2000 }) })).toBe('silent');
    expect(why({ you: ada({ silent_until: 500 }) })).toBeUndefined();
    expect(why({ status: 'refused', refusal: { code: 'chat_banned', detail: '' } })).toBe('banned');
  });

  it('is never a moderator because of a mode', () => {
    const modes = { ...RULES, enabled: false, followers_minutes: 10 };
    expect(
      why({ you: ada({ moderate: true }), settings: modes }, { following: false }),
    ).toBeUndefined();
  });
});
