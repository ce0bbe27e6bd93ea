// Every address of the app, in one place: patterns for the router and builders for links.

export const routes = {
  home: '/',
  studio: '/studio',
  watch: '/watch/:stream',
  embed: '/embed/:stream',
} as const;

export const paths = {
  home: () => '/',
  studio: () => '/studio',
  watch: (stream: string) => `/watch/${encodeURIComponent(stream)}`,
  embed: (stream: string) => `/embed/${encodeURIComponent(stream)}`,
};
