// Reports: what people find wrong, and what became of it.

import { bodyOf, call } from './call';
import type { components } from './generated/openapi';
import type { Answer } from './transport';

type Schemas = components['schemas'];

export type NewReport = Schemas['CreateReport'];
export type Report = Schemas['Report'];
export type ReportStatus = Schemas['ReportStatus'];
export type ReportType = Schemas['ReportType'];

export async function report(what: NewReport): Promise<void> {
  await call('POST', '/reports', { body: what });
}

export function reports(
  query: { status: string; cursor: string | null },
  signal?: AbortSignal,
): Promise<Schemas['ReportQueue']> {
  return bodyOf('GET', '/admin/reports', { query, signal });
}

export function settleReport(
  id: string,
  change: Schemas['UpdateReport'],
  version: number,
): Promise<Answer<Report>> {
  return call('PATCH', `/admin/reports/${id}`, { body: change, ifMatch: `"${version}"` });
}
