// Every address of the app, in one place: patterns for the router and builders for links.

export const routes = {
  home: '/',
  search: '/search',
  category: '/category/:slug',
  /** A pattern with a letter before the parameter is beyond the router's own language. */
  channel: /^\/@(?<handle>[^/]+)\/?$/,
  library: '/library/:shelf?',
  studio: '/studio',
  studioStream: '/studio/:stream/:section?',
  watch: '/watch/:stream',
  recording: '/v/:recording',
  chat: '/watch/:stream/chat',
  moderate: '/watch/:stream/moderate',
  embed: '/embed/:stream',
  embedRecording: '/embed/v/:recording',
  signIn: '/sign-in',
  signUp: '/sign-up',
  verifyEmail: '/verify-email',
  forgotPassword: '/forgot-password',
  resetPassword: '/reset-password',
  setup: '/setup',
  doctor: '/doctor',
  settings: '/settings/*?',
  admin: '/admin/*?',
} as const;

/** The pages of one stream in the studio. */
export const STUDIO_SECTIONS = [
  'live',
  'chat',
  'keys',
  'details',
  'recordings',
  'broadcasts',
] as const;
export type StudioSection = (typeof STUDIO_SECTIONS)[number];

export const SHELVES = ['history', 'saved', 'favorites'] as const;
export type Shelf = (typeof SHELVES)[number];

const part = encodeURIComponent;

export const paths = {
  home: () => '/',
  search: (query: Record<string, string> = {}) => {
    const text = new URLSearchParams(query).toString();
    return text === '' ? '/search' : `/search?${text}`;
  },
  category: (slug: string) => `/category/${part(slug)}`,
  channel: (handle: string) => `/@${part(handle)}`,
  library: (shelf: Shelf = 'history') => `/library/${shelf}`,
  studio: () => '/studio',
  studioNew: () => '/studio?new',
  studioStream: (stream: string, section: StudioSection = 'live') =>
    `/studio/${part(stream)}/${section}`,
  watch: (stream: string) => `/watch/${part(stream)}`,
  recording: (recording: string) => `/v/${part(recording)}`,
  /** The page in the studio where one is changed. */
  studioRecording: (stream: string, recording: string) =>
    `/studio/${part(stream)}/recordings?edit=${part(recording)}`,
  /** The chat in a window of its own. */
  chat: (stream: string) => `/watch/${part(stream)}/chat`,
  moderate: (stream: string) => `/watch/${part(stream)}/moderate`,
  embed: (stream: string) => `/embed/${part(stream)}`,
  embedRecording: (recording: string) => `/embed/v/${part(recording)}`,
  /** `next` is the path to come back to. */
  signIn: (next?: string) =>
    next === undefined ? '/sign-in' : `/sign-in?next=${encodeURIComponent(next)}`,
  signUp: (next?: string) =>
    next === undefined ? '/sign-up' : `/sign-up?next=${encodeURIComponent(next)}`,
  forgotPassword: () => '/forgot-password',
  /** The token of a password that has expired; the fragment is never sent to a server. */
  expiredPassword: (token: string) => `/reset-password#expired&token=${encodeURIComponent(token)}`,
  setup: () => '/setup',
  /** Checks the connection, with what is to be watched or published in mind. */
  doctor: (
    asked: { for?: 'watch' | 'publish'; bitrate?: number | null; codec?: string | null } = {},
  ) => {
    const query = new URLSearchParams();
    for (const [name, value] of Object.entries(asked))
      if (value != null) query.set(name, typeof value === 'number' ? value.toFixed(0) : value);
    const text = query.toString();
    return text === '' ? '/doctor' : `/doctor?${text}`;
  },
  settings: (section?: string) => (section === undefined ? '/settings' : `/settings/${section}`),
  admin: (section?: string) => (section === undefined ? '/admin' : `/admin/${section}`),
};
