// What is known of relays (TURN): whether there is one, until when it lets us in, and whether this network needs it.

const STORED = 'sluice.relay';
/** The clocks of server and browser differ, and asking a relay takes a moment. */
const MARGIN_MS = 30_000;

export function namesRelay(servers: readonly RTCIceServer[]): boolean {
  return servers.some(({ urls }) => [urls].flat().some((url) => /^turns?:/.test(url)));
}

/**
 * Whether credentials have run out that say until when they are good, as ours do: the user name begins with the
 * second since 1970.
 */
export function ranOut(servers: readonly RTCIceServer[], now: number): boolean {
  return servers.some(({ username }) => {
    const until = /^(\d{9,11}):/.exec(username ?? '')?.[1];
    return until !== undefined && Number(until) * 1000 < now + MARGIN_MS;
  });
}

/** Whether the last connection of this browser came through a relay only. */
export function relayWasNeeded(): boolean {
  try {
    return localStorage.getItem(STORED) !== null;
  } catch {
    // Pages within other people's pages may not store.
    return false;
  }
}

/** Keeps it for the next connection, which finds out by itself where the network has changed. */
export function rememberRelay(needed: boolean): void {
  try {
    if (needed) localStorage.setItem(STORED, '1');
    else localStorage.removeItem(STORED);
  } catch {
    // Then the next connection finds out again.
  }
}
