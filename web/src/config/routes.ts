// Every address of the app, in one place: patterns for the router and builders for links.

export const routes = {
  home: '/',
  studio: '/studio',
  watch: '/watch/:stream',
  embed: '/embed/:stream',
  signIn: '/sign-in',
  signUp: '/sign-up',
  verifyEmail: '/verify-email',
  forgotPassword: '/forgot-password',
  resetPassword: '/reset-password',
  setup: '/setup',
  settings: '/settings/*?',
  admin: '/admin/*?',
} as const;

export const paths = {
  home: () => '/',
  studio: () => '/studio',
  watch: (stream: string) => `/watch/${encodeURIComponent(stream)}`,
  embed: (stream: string) => `/embed/${encodeURIComponent(stream)}`,
  /** `next` is the path to come back to. */
  signIn: (next?: string) =>
    next === undefined ? '/sign-in' : `/sign-in?next=${encodeURIComponent(next)}`,
  signUp: (next?: string) =>
    next === undefined ? '/sign-up' : `/sign-up?next=${encodeURIComponent(next)}`,
  forgotPassword: () => '/forgot-password',
  setup: () => '/setup',
  settings: (section?: string) => (section === undefined ? '/settings' : `/settings/${section}`),
  admin: (section?: string) => (section === undefined ? '/admin' : `/admin/${section}`),
};
