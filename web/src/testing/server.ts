import { vi } from 'vitest';

/** A request as the pages sent it. */
export interface Sent {
  method: string;
  path: string;
  query: URLSearchParams;
  headers: Headers;
  body: unknown;
}

type Route = (sent: Sent) => Response | Promise<Response>;

export interface FakeNetwork {
  /** Every request so far, oldest first. */
  sent: Sent[];
  /** Requests of one route, such as `POST /auth/sign-in`. */
  of(route: string): Sent[];
  /** Answers a route differently from now on. */
  on(route: string, answer: Route): void;
}

export function json(body: unknown, status = 200, headers: Record<string, string> = {}): Response {
  return new Response(JSON.stringify(body), {
    status,
    headers: { 'content-type': 'application/json', ...headers },
  });
}

export function refuse(status: number, code: string, more: object = {}): Response {
  return new Response(JSON.stringify({ code, status, title: code, detail: code, ...more }), {
    status,
    headers: { 'content-type': 'application/problem+json' },
  });
}

export function nothing(): Response {
  return new Response(null, { status: 204 });
}

/** Stands in for the network: answers by method and path under `/api/v1`, and keeps what was sent. */
export function serve(routes: Record<string, Route>): FakeNetwork {
  const table = new Map(Object.entries(routes));
  const sent: Sent[] = [];
  vi.stubGlobal('fetch', async (address: string, init: RequestInit = {}) => {
    const url = new URL(address, location.origin);
    const headers = new Headers(init.headers);
    const isJson = headers.get('content-type')?.includes('json') === true;
    const request: Sent = {
      method: init.method ?? 'GET',
      path: url.pathname.replace('/api/v1', ''),
      query: url.searchParams,
      headers,
      body: isJson && typeof init.body === 'string' ? JSON.parse(init.body) : init.body,
    };
    sent.push(request);
    const answer = table.get(`${request.method} ${request.path}`);
    return answer === undefined ? refuse(404, 'not_found') : answer(request);
  });
  return {
    sent,
    of: (route) => sent.filter(({ method, path }) => `${method} ${path}` === route),
    on: (route, answer) => table.set(route, answer),
  };
}
