// Reports: what people find wrong, and what became of it.

import { bodyOf, call } from './call';
import type { Answer } from './transport';
import type { List, Person } from './types';

export type ReportType = 'inappropriate' | 'spam' | 'copyright';
export type ReportTarget = 'stream' | 'message' | 'account';
export type ReportStatus = 'pending' | 'reviewed' | 'resolved';

export interface NewReport {
  report_type: ReportType;
  target: ReportTarget;
  stream_id?: string;
  message_id?: string;
  account_id?: string;
  description?: string;
}

export interface Report {
  report_id: string;
  report_type: ReportType;
  target: ReportTarget;
  stream_id?: string | null;
  stream_name?: string | null;
  message_id?: string | null;
  account_id?: string | null;
  /** Whom it is about, where that is an account or a message of one. */
  account?: Person | null;
  /** Gone where the account is. */
  reporter?: Person | null;
  /** What was reported, as it was then. */
  excerpt: string;
  description: string;
  status: ReportStatus;
  note: string;
  moderator?: Person | null;
  created_at: number;
  resolved_at?: number | null;
  version: number;
}

export interface ReportList extends List<Report> {
  pending: number;
}

export async function report(what: NewReport): Promise<void> {
  await call('POST', '/reports', { body: what });
}

export function reports(
  query: { status: string; cursor: string | null },
  signal?: AbortSignal,
): Promise<ReportList> {
  return bodyOf('GET', '/admin/reports', { query, signal });
}

export function settleReport(
  id: string,
  change: { status: ReportStatus; note?: string },
  version: number,
): Promise<Answer<Report>> {
  return call('PATCH', `/admin/reports/${id}`, { body: change, ifMatch: `"${version}"` });
}
