import type { FieldError } from './generated/FieldError';
import type { ProblemBody } from './generated/ProblemBody';
import type { ProblemCode } from './generated/ProblemCode';

/** What a request came to when it did not succeed; `network` is ours, the others are the server's. */
export type FailureCode = ProblemCode | 'network' | 'timeout' | 'taken_over' | 'unexpected';

/** A refusal by the server (RFC 9457 problem), or a request that never reached it. */
export class ProblemError extends Error {
  readonly code: FailureCode;
  readonly status: number | null;
  readonly detail: string | null;
  readonly requestId: string | null;
  /** Milliseconds after which the server wants to be asked again. */
  readonly retryAfter: number | null;
  /** With `invalid_input`: what is wrong where. */
  readonly fields: readonly FieldError[];
  /** With `password_expired`: sets a new password. */
  readonly resetToken: string | null;

  constructor(code: FailureCode, parts: Partial<Omit<ProblemError, 'code' | 'name'>> = {}) {
    super(parts.message ?? code, { cause: parts.cause });
    this.name = 'ProblemError';
    this.code = code;
    this.status = parts.status ?? null;
    this.detail = parts.detail ?? null;
    this.requestId = parts.requestId ?? null;
    this.retryAfter = parts.retryAfter ?? null;
    this.fields = parts.fields ?? [];
    this.resetToken = parts.resetToken ?? null;
  }
}

/** What was thrown, as a problem. */
export function problemFrom(error: unknown): ProblemError {
  return error instanceof ProblemError
    ? error
    : new ProblemError('unexpected', { cause: error, detail: String(error) });
}

/** Reads a refusal from a response, whatever its body is. */
export async function problemOf(response: Response): Promise<ProblemError> {
  const body = await readProblem(response);
  return new ProblemError(body.code ?? codeOfStatus(response.status), {
    message: body.title ?? `HTTP ${response.status}`,
    status: response.status,
    detail: body.detail ?? null,
    requestId: body.request_id ?? response.headers.get('x-request-id'),
    retryAfter: retryAfter(response.headers.get('retry-after')),
    fields: body.errors ?? [],
    resetToken: body.reset_token ?? null,
  });
}

async function readProblem(response: Response): Promise<Partial<ProblemBody>> {
  if (!response.headers.get('content-type')?.includes('json')) return {};
  try {
    const body: unknown = await response.json();
    return typeof body === 'object' && body !== null ? body : {};
  } catch {
    return {};
  }
}

/** Other servers than ours, and proxies before ours, speak only in status codes. */
function codeOfStatus(status: number): FailureCode {
  switch (status) {
    case 401:
      return 'unauthorized';
    case 403:
      return 'forbidden';
    case 404:
      return 'unknown_stream';
    case 409:
      return 'not_live';
    case 429:
      return 'rate_limited';
    case 502:
    case 504:
      return 'network';
    case 503:
      return 'overloaded';
    case 412:
      return 'version_conflict';
    default:
      return 'unexpected';
  }
}

function retryAfter(header: string | null): number | null {
  if (header === null) return null;
  const seconds = Number(header);
  if (Number.isFinite(seconds)) return Math.max(0, seconds * 1000);
  const date = Date.parse(header);
  return Number.isNaN(date) ? null : Math.max(0, date - Date.now());
}
