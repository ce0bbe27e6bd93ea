// Whom the reader blocked: their messages are not shown in any chat.

import { bodyOf, call } from '@/lib/api/call';
import type { Acquaintance, List } from '@/lib/api/types';
import { session } from '@/lib/auth/session';
import { Snapshot } from '@/lib/snapshot';

export const blocks = new Snapshot<{ of: ReadonlySet<string> }>({ of: new Set() });

let asked: string | null = null;

/** Asks for the list of whoever is signed in; once, until somebody else is. */
export async function loadBlocks(): Promise<void> {
  const me = session.state.get().me?.id ?? null;
  if (me === asked) return;
  asked = me;
  blocks.set({ of: new Set() });
  if (me === null) return;
  try {
    const found = await bodyOf<List<Acquaintance>>('GET', '/me/blocks');
    if (asked === me) blocks.set({ of: new Set(found.items.map(({ id }) => id)) });
  } catch {
    // Asked again by the next chat that is opened.
    asked = null;
  }
}

/** Blocks an account, or lets it be heard again. Shown at once, taken back if the server says no. */
export async function block(account: string, wanted: boolean): Promise<void> {
  const before = blocks.get().of;
  const after = new Set(before);
  if (wanted) after.add(account);
  else after.delete(account);
  blocks.set({ of: after });
  try {
    await call(wanted ? 'PUT' : 'DELETE', `/me/blocks/${account}`);
  } catch (error) {
    blocks.set({ of: before });
    throw error;
  }
}
