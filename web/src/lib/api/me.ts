// The own account.

import { session } from '@/lib/auth/session';
import { bodyOf, call } from './call';
import type { Answer } from './transport';
import type {
  Acquaintance,
  Activity,
  ApiKey,
  List,
  Me,
  Scope,
  SignInSession,
  UpdateMe,
} from './types';

export function readMe(signal?: AbortSignal): Promise<Answer<Me>> {
  return call('GET', '/me', { signal });
}

export async function updateMe(change: UpdateMe, ifMatch: string | null): Promise<Answer<Me>> {
  const answer = await call<Me>('PATCH', '/me', { body: change, ifMatch });
  session.updateMe(answer.body);
  return answer;
}

export async function changeEmail(email: string, password: string): Promise<void> {
  await call('POST', '/me/email', { body: { email, password } });
}

export async function changePassword(current: string, next: string): Promise<void> {
  await call('PUT', '/me/password', { body: { current, new: next } });
}

export async function uploadAvatar(picture: Blob): Promise<void> {
  session.updateMe(await bodyOf<Me>('POST', '/me/avatar', { body: picture }));
}

export async function removeAvatar(): Promise<void> {
  session.updateMe(await bodyOf<Me>('DELETE', '/me/avatar'));
}

/** Soft: an administrator can undo it for a while. */
export async function deleteAccount(password: string): Promise<void> {
  await call('DELETE', '/me', { body: { password } });
  session.forget();
}

export function exportMe(): Promise<unknown> {
  return bodyOf('GET', '/me/export');
}

export async function acceptTerms(documentId: string): Promise<void> {
  await call('POST', '/me/terms', { body: { document_id: documentId } });
  await refreshMe();
}

export function mySessions(signal?: AbortSignal): Promise<List<SignInSession>> {
  return bodyOf('GET', '/me/sessions', { signal });
}

export async function endSession(id: string): Promise<void> {
  await call('DELETE', `/me/sessions/${id}`);
}

export async function endOtherSessions(): Promise<void> {
  await call('DELETE', '/me/sessions');
}

export function newTotp(): Promise<{ secret: string; otpauth_url: string }> {
  return bodyOf('POST', '/me/totp');
}

export async function confirmTotp(code: string): Promise<string[]> {
  const { backup_codes: codes } = await bodyOf<{ backup_codes: string[] }>(
    'POST',
    '/me/totp/confirm',
    { body: { code } },
  );
  await refreshMe();
  return codes;
}

export async function removeTotp(password: string, code: string): Promise<void> {
  await call('DELETE', '/me/totp', { body: { password, code } });
  await refreshMe();
}

export async function newBackupCodes(password: string): Promise<string[]> {
  const { backup_codes: codes } = await bodyOf<{ backup_codes: string[] }>(
    'POST',
    '/me/backup-codes',
    { body: { password } },
  );
  await refreshMe();
  return codes;
}

export function myApiKeys(signal?: AbortSignal): Promise<List<ApiKey>> {
  return bodyOf('GET', '/me/api-keys', { signal });
}

export function createApiKey(
  name: string,
  scopes: Scope[],
  expiresAt: number | null,
): Promise<{ key: string; api_key: ApiKey }> {
  return bodyOf('POST', '/me/api-keys', { body: { name, scopes, expires_at: expiresAt } });
}

export async function revokeApiKey(id: string): Promise<void> {
  await call('DELETE', `/me/api-keys/${id}`);
}

export function myActivity(cursor: string | null, signal?: AbortSignal): Promise<List<Activity>> {
  return bodyOf('GET', '/me/activity', { query: { cursor }, signal });
}

export function myBlocks(signal?: AbortSignal): Promise<List<Acquaintance>> {
  return bodyOf('GET', '/me/blocks', { signal });
}

export async function unblock(id: string): Promise<void> {
  await call('DELETE', `/me/blocks/${id}`);
}

export async function clearHistory(): Promise<void> {
  await call('DELETE', '/me/history');
}

/** Reads the account again where an answer does not bring it along. */
async function refreshMe(): Promise<void> {
  session.updateMe((await readMe()).body);
}
