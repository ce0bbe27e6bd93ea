// One request and its answer, whoever asks. Who is asking is added in `call.ts`.

import { ProblemError, problemOf } from './problem';

export const BASE = '/api/v1';

export interface RequestParts {
  /** Sent as JSON; a Blob is sent as it is. */
  body?: unknown;
  query?: Record<string, string | number | boolean | null | undefined>;
  /** The ETag that the record had when it was read. */
  ifMatch?: string | null | undefined;
  signal?: AbortSignal | undefined;
}

/** A body that was read, and the ETag that a later change has to name. */
export interface Answer<Body> {
  status: number;
  body: Body;
  etag: string | null;
}

/** `/api/v1` and the path, with those members of the query that have a value. */
export function addressOf(path: string, query: RequestParts['query'] = {}): string {
  const parameters = new URLSearchParams();
  for (const [name, value] of Object.entries(query)) {
    if (value !== undefined && value !== null && value !== '') parameters.set(name, String(value));
  }
  const text = parameters.toString();
  return text === '' ? BASE + path : `${BASE}${path}?${text}`;
}

export function initOf(method: string, parts: RequestParts): RequestInit {
  const headers: Record<string, string> = { accept: 'application/json' };
  const { body, ifMatch, signal } = parts;
  if (ifMatch !== undefined && ifMatch !== null) headers['if-match'] = ifMatch;
  const init: RequestInit = { method, headers };
  if (signal !== undefined) init.signal = signal;
  if (body instanceof Blob) {
    headers['content-type'] = body.type;
    init.body = body;
  } else if (body !== undefined) {
    headers['content-type'] = 'application/json';
    init.body = JSON.stringify(body);
  }
  return init;
}

/** Sends it; not reaching the server is a problem too, being aborted is not. */
export async function exchange(address: string, init: RequestInit): Promise<Response> {
  try {
    return await fetch(address, init);
  } catch (cause) {
    if (init.signal?.aborted) throw cause;
    throw new ProblemError('network', { cause });
  }
}

/** The body of a success; a refusal is thrown. */
export async function answerOf<Body>(response: Response): Promise<Answer<Body>> {
  if (!response.ok) throw await problemOf(response);
  const text = response.status === 204 ? '' : await response.text();
  return {
    status: response.status,
    body: (text === '' ? undefined : JSON.parse(text)) as Body,
    etag: response.headers.get('etag'),
  };
}

/** A request that needs nobody to be signed in. */
export async function send<Body>(
  method: string,
  path: string,
  parts: RequestParts = {},
): Promise<Answer<Body>> {
  return answerOf(await exchange(addressOf(path, parts.query), initOf(method, parts)));
}
