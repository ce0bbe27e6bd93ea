import { createContext, useContext, useEffect, useMemo, useState, type ReactNode } from 'react';

export type Theme = 'dark' | 'light' | 'contrast';
export type ThemeChoice = Theme | 'system';

export const THEMES: readonly Theme[] = ['dark', 'light', 'contrast'];
export const THEME_CHOICES: readonly ThemeChoice[] = ['system', ...THEMES];

interface ThemeContext {
  /** The one in force. */
  theme: Theme;
  /** What was chosen; the system may decide. */
  choice: ThemeChoice;
  /** On the picture it is always dark; only high contrast goes on there. */
  pictureTheme: Theme;
  setTheme(choice: ThemeChoice): void;
}

const Context = createContext<ThemeContext>({
  theme: 'dark',
  choice: 'dark',
  pictureTheme: 'dark',
  setTheme: () => undefined,
});

const STORED = 'sluice.theme';

/** Dark unless somebody chose otherwise, here or by asking the system for more contrast. */
function firstChoice(): ThemeChoice {
  const stored = localStorage.getItem(STORED) as ThemeChoice | null;
  if (stored !== null && THEME_CHOICES.includes(stored)) return stored;
  return matchMedia('(prefers-contrast: more)').matches ? 'contrast' : 'dark';
}

function themeOfSystem(): Theme {
  if (matchMedia('(prefers-contrast: more)').matches) return 'contrast';
  return matchMedia('(prefers-color-scheme: light)').matches ? 'light' : 'dark';
}

export function ThemeProvider({ children }: { children: ReactNode }) {
  const [choice, setChoice] = useState<ThemeChoice>(firstChoice);
  const [system, setSystem] = useState<Theme>(themeOfSystem);
  const theme = choice === 'system' ? system : choice;
  useEffect(() => {
    const queries = ['(prefers-contrast: more)', '(prefers-color-scheme: light)'].map((query) =>
      matchMedia(query),
    );
    const listen = () => setSystem(themeOfSystem());
    queries.forEach((query) => query.addEventListener('change', listen));
    return () => queries.forEach((query) => query.removeEventListener('change', listen));
  }, []);
  useEffect(() => {
    document.documentElement.dataset.theme = theme;
  }, [theme]);
  const value = useMemo(
    () => ({
      theme,
      choice,
      pictureTheme: theme === 'contrast' ? theme : ('dark' as const),
      setTheme: (next: ThemeChoice) => {
        localStorage.setItem(STORED, next);
        setChoice(next);
      },
    }),
    [choice, theme],
  );
  return <Context value={value}>{children}</Context>;
}

export function useTheme(): ThemeContext {
  return useContext(Context);
}
