import { createContext, useContext, useEffect, useMemo, useState, type ReactNode } from 'react';
import { isLanguage, messageOf, type Language } from './catalogue';
import type { MessageKey } from './en';
import { formatMessage, type MessageValues } from './format';

export type { Language } from './catalogue';

export type Translate = (key: MessageKey, values?: MessageValues) => string;

interface I18n {
  language: Language;
  locale: string;
  t: Translate;
  setLanguage(language: Language): void;
}

/** Languages that people can choose, named in themselves. */
export const LANGUAGES: readonly { value: Language; name: string }[] = [
  { value: 'en', name: 'English' },
  { value: 'de', name: 'Deutsch' },
];

const Context = createContext<I18n>(i18nFor('en', () => undefined));

function i18nFor(language: Language, setLanguage: (language: Language) => void): I18n {
  const locale = language === 'pseudo' ? 'en' : language;
  return {
    language,
    locale,
    t: (key, values = {}) => formatMessage(messageOf(language, key), values, locale),
    setLanguage,
  };
}

const STORED = 'sluice.language';

/** `?lang=` wins, then what was chosen before, then the browser's first language that we speak. */
function firstLanguage(): Language {
  const asked = new URLSearchParams(location.search).get('lang') ?? localStorage.getItem(STORED);
  if (asked !== null && isLanguage(asked)) return asked;
  const spoken = navigator.languages.map((language) => language.slice(0, 2));
  return (
    spoken.find((language): language is Language => language === 'en' || language === 'de') ?? 'en'
  );
}

export function I18nProvider({ children, initial }: { children: ReactNode; initial?: Language }) {
  const [language, setLanguage] = useState<Language>(() => initial ?? firstLanguage());
  const value = useMemo(
    () =>
      i18nFor(language, (next) => {
        localStorage.setItem(STORED, next);
        setLanguage(next);
      }),
    [language],
  );
  useEffect(() => {
    document.documentElement.lang = value.locale;
  }, [value.locale]);
  return <Context value={value}>{children}</Context>;
}

export function useI18n(): I18n {
  return useContext(Context);
}

export function useT(): Translate {
  return useContext(Context).t;
}
