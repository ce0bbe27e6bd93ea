// What is said in which language. The first load brings the words of every page; an area such as
// the administration brings its own with its pages, by importing its file in `areas/`.

import { de } from './de';
import { en, type MessageKey } from './en';
import { pseudoLocalise } from './pseudo';

export type Language = 'en' | 'de' | 'pseudo';

type Catalogue = Partial<Record<string, string>>;

const catalogues: Record<Language, Catalogue> = { en: {}, de: {}, pseudo: {} };

/** Takes the words of an area; both languages have the same keys, which the types see to. */
export function addMessages<Words extends Record<string, string>>(
  english: Words,
  german: Record<keyof Words, string>,
): void {
  Object.assign(catalogues.en, english);
  Object.assign(catalogues.de, german);
  for (const [key, message] of Object.entries(english)) {
    catalogues.pseudo[key] = pseudoLocalise(message);
  }
}

addMessages(en, de);

/** The message of a key. Asking for one of an area that was not imported is a bug in the page. */
export function messageOf(language: Language, key: MessageKey): string {
  const message = catalogues[language][key];
  if (message === undefined) throw new Error(`The area of the message ${key} is not imported`);
  return message;
}

/** Whether there are words for it, where the key comes from the server. */
export function hasMessage(key: string): key is MessageKey {
  return key in catalogues.en;
}

export function isLanguage(value: string): value is Language {
  return value in catalogues;
}
