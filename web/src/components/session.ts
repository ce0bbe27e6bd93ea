import { session, type SessionState } from '@/lib/auth/session';
import type { Me, Permission } from '@/lib/api/types';
import { useSnapshot } from './use-snapshot';

/** Who is signed in here, and whether that is known yet. */
export function useSession(): SessionState {
  return useSnapshot(session.state);
}

/** The account that is signed in, or null. */
export function useMe(): Me | null {
  return useSession().me;
}

/** Whether the account may do something, for what is shown; the server decides what is done. */
export function usePermission(permission: Permission): boolean {
  return useMe()?.permissions.includes(permission) ?? false;
}
