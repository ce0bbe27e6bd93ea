// What those who run an organisation see and do.

import { authorized, bodyOf, call } from './call';
import type { Diagnosis } from './generated/Diagnosis';
import { problemOf } from './problem';
import { addressOf, initOf, type Answer } from './transport';
import type {
  AdminAccount,
  AdminCategory,
  AuditCheck,
  AuditEntry,
  CreateAccount,
  Diagnostics,
  Invited,
  List,
  Mail,
  Overview,
  Settings,
  SignInSession,
  StreamCard,
  UpdateAccount,
  UpdateSettings,
} from './types';

type Query = Record<string, string | null>;

export function overview(signal?: AbortSignal): Promise<Overview> {
  return bodyOf('GET', '/admin/overview', { signal });
}

export function accounts(query: Query, signal?: AbortSignal): Promise<List<AdminAccount>> {
  return bodyOf('GET', '/admin/accounts', { query, signal });
}

export function account(id: string, signal?: AbortSignal): Promise<Answer<AdminAccount>> {
  return call('GET', `/admin/accounts/${id}`, { signal });
}

export function updateAccount(
  id: string,
  change: UpdateAccount,
  ifMatch: string | null,
): Promise<Answer<AdminAccount>> {
  return call('PATCH', `/admin/accounts/${id}`, { body: change, ifMatch });
}

export function inviteAccount(person: CreateAccount): Promise<Invited> {
  return bodyOf('POST', '/admin/accounts', { body: person });
}

export async function resetLink(id: string): Promise<string> {
  return (await bodyOf<{ url: string }>('POST', `/admin/accounts/${id}/reset-link`)).url;
}

export function accountSessions(id: string, signal?: AbortSignal): Promise<List<SignInSession>> {
  return bodyOf('GET', `/admin/accounts/${id}/sessions`, { signal });
}

export async function endAccountSessions(id: string): Promise<void> {
  await call('DELETE', `/admin/accounts/${id}/sessions`);
}

/** Every account as CSV. */
export async function exportAccounts(): Promise<string> {
  const response = await authorized(addressOf('/admin/accounts/export'), initOf('GET', {}));
  if (!response.ok) throw await problemOf(response);
  return response.text();
}

export function adminStreams(query: Query, signal?: AbortSignal): Promise<List<StreamCard>> {
  return bodyOf('GET', '/admin/streams', { query, signal });
}

export async function endBroadcast(stream: string): Promise<void> {
  await call('POST', `/streams/${stream}/end`);
}

export function audit(query: Query, signal?: AbortSignal): Promise<List<AuditEntry>> {
  return bodyOf('GET', '/admin/audit', { query, signal });
}

export function verifyAudit(): Promise<AuditCheck> {
  return bodyOf('GET', '/admin/audit/verify');
}

export function diagnostics(signal?: AbortSignal): Promise<Diagnostics> {
  return bodyOf('GET', '/admin/diagnostics', { signal });
}

/** What the connection doctor finds at the machine of the server. */
export function examineHost(signal?: AbortSignal): Promise<Diagnosis> {
  return bodyOf('GET', '/admin/doctor', { signal });
}

export function settings(signal?: AbortSignal): Promise<Answer<Settings>> {
  return call('GET', '/admin/settings', { signal });
}

export function updateSettings(
  change: UpdateSettings,
  ifMatch: string | null,
): Promise<Answer<Settings>> {
  return call('PATCH', '/admin/settings', { body: change, ifMatch });
}

export function adminCategories(signal?: AbortSignal): Promise<List<AdminCategory>> {
  return bodyOf('GET', '/admin/categories', { signal });
}

export function createCategory(slug: string, name: string): Promise<AdminCategory> {
  return bodyOf('POST', '/admin/categories', { body: { slug, name } });
}

export function updateCategory(
  id: string,
  change: { name?: string; position?: number },
): Promise<AdminCategory> {
  return bodyOf('PATCH', `/admin/categories/${id}`, { body: change });
}

export async function deleteCategory(id: string): Promise<void> {
  await call('DELETE', `/admin/categories/${id}`);
}

export function mails(query: Query, signal?: AbortSignal): Promise<List<Mail>> {
  return bodyOf('GET', '/admin/mails', { query, signal });
}
