import { paths } from '@/config/routes';
import { safeNext } from '@/lib/auth/next';
import type { Role } from '@/lib/api/types';

const HOMES: Record<Role, string> = {
  viewer: paths.home(),
  creator: paths.studio(),
  moderator: paths.admin(),
  admin: paths.admin(),
};

/** Where to go after signing in: back to where one came from, or where one's work is. */
export function landingOf(role: Role, next: string | null): string {
  return safeNext(next) ?? HOMES[role];
}
