import { createContext, useContext, useEffect, useMemo, useState, type ReactNode } from 'react';

export type Theme = 'dark' | 'light' | 'contrast';

export const THEMES: readonly Theme[] = ['dark', 'light', 'contrast'];

interface ThemeContext {
  theme: Theme;
  /** On the picture it is always dark; only high contrast goes on there. */
  pictureTheme: Theme;
  setTheme(theme: Theme): void;
}

const Context = createContext<ThemeContext>({
  theme: 'dark',
  pictureTheme: 'dark',
  setTheme: () => undefined,
});

const STORED = 'sluice.theme';

/** Dark unless somebody chose otherwise, here or by asking the system for more contrast. */
function firstTheme(): Theme {
  const stored = localStorage.getItem(STORED) as Theme | null;
  if (stored !== null && THEMES.includes(stored)) return stored;
  return matchMedia('(prefers-contrast: more)').matches ? 'contrast' : 'dark';
}

export function ThemeProvider({ children }: { children: ReactNode }) {
  const [theme, setTheme] = useState<Theme>(firstTheme);
  useEffect(() => {
    document.documentElement.dataset.theme = theme;
  }, [theme]);
  const value = useMemo(
    () => ({
      theme,
      pictureTheme: theme === 'contrast' ? theme : ('dark' as const),
      setTheme: (next: Theme) => {
        localStorage.setItem(STORED, next);
        setTheme(next);
      },
    }),
    [theme],
  );
  return <Context value={value}>{children}</Context>;
}

export function useTheme(): ThemeContext {
  return useContext(Context);
}
