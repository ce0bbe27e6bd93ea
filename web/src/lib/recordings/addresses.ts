// Where things of a recording are.

/** Whatever name the server goes by, the page asks where it came from. */
export function localOf(url: string): string {
  const { pathname, search } = new URL(url, location.href);
  return location.origin + pathname + search;
}
