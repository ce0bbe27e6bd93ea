// Where to go after signing in.

/** A path of this site, or null: never an address elsewhere that a link brought along. */
export function safeNext(value: string | null, origin: string = location.origin): string | null {
  // A backslash or a second slash would be read as another host.
  if (value === null || !/^\/(?![/\\])/.test(value)) return null;
  let target: URL;
  try {
    target = new URL(value, origin);
  } catch {
    return null;
  }
  if (target.origin !== origin) return null;
  const path = target.pathname + target.search + target.hash;
  return DOORS.some((door) => target.pathname === door) ? null : path;
}

/** Pages on which somebody who just signed in has nothing to do. */
const DOORS = ['/sign-in', '/sign-up', '/setup', '/verify-email', '/reset-password'];
