import { describe, expect, it } from 'vitest';
import { de } from './de';
import { account as germanAccount } from './de/account';
import { activity as germanActivity } from './de/activity';
import { admin as germanAdmin } from './de/admin';
import { auth as germanAuth } from './de/auth';
import { chat as germanChat } from './de/chat';
import { doctor as germanDoctor } from './de/doctor';
import { home as germanHome } from './de/home';
import { moderation as germanModeration } from './de/moderation';
import { recordings as germanRecordings } from './de/recordings';
import { reports as germanReports } from './de/reports';
import { streams as germanStreams } from './de/streams';
import { studio as germanStudio } from './de/studio';
import { watch as germanWatch } from './de/watch';
import { setup as germanSetup } from './de/setup';
import { en } from './en';
import { account } from './en/account';
import { activity } from './en/activity';
import { admin } from './en/admin';
import { auth } from './en/auth';
import { chat } from './en/chat';
import { doctor } from './en/doctor';
import { home } from './en/home';
import { moderation } from './en/moderation';
import { recordings } from './en/recordings';
import { reports } from './en/reports';
import { streams } from './en/streams';
import { studio } from './en/studio';
import { watch } from './en/watch';
import { setup } from './en/setup';
import { formatMessage } from './format';
import { pseudoLocalise } from './pseudo';

const AREAS: Record<string, { english: Record<string, string>; german: Record<string, string> }> = {
  first: { english: en, german: de },
  account: { english: account, german: germanAccount },
  activity: { english: activity, german: germanActivity },
  admin: { english: admin, german: germanAdmin },
  auth: { english: auth, german: germanAuth },
  chat: { english: chat, german: germanChat },
  doctor: { english: doctor, german: germanDoctor },
  home: { english: home, german: germanHome },
  moderation: { english: moderation, german: germanModeration },
  recordings: { english: recordings, german: germanRecordings },
  reports: { english: reports, german: germanReports },
  streams: { english: streams, german: germanStreams },
  studio: { english: studio, german: germanStudio },
  watch: { english: watch, german: germanWatch },
  setup: { english: setup, german: germanSetup },
};

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

  it.each(Object.entries(AREAS))(
    'of the area %s take the same values in German and English',
    (_, { english, german }) => {
      expect(Object.keys(german).sort()).toEqual(Object.keys(english).sort());
      for (const [key, message] of Object.entries(english)) {
        expect([key, placeholders(german[key] ?? '')]).toEqual([key, placeholders(message)]);
      }
    },
  );

  it('have a key in one area only', () => {
    const keys = Object.values(AREAS).flatMap(({ english }) => Object.keys(english));
    expect(keys.filter((key, index) => keys.indexOf(key) !== index)).toEqual([]);
  });

  it('say nothing with an exclamation mark', () => {
    expect(
      Object.values(AREAS)
        .flatMap(({ english, german }) => [...Object.values(english), ...Object.values(german)])
        .filter((message) => message.includes('!')),
    ).toEqual([]);
  });

  it('keep their placeholders in the pseudo locale and grow longer', () => {
    const pseudo = pseudoLocalise(en['count.viewers']);
    expect(formatMessage(pseudo, { count: 3 }, 'en')).toContain('3 viewers');
    expect(pseudoLocalise('Share').length).toBeGreaterThan('Share'.length);
  });
});
