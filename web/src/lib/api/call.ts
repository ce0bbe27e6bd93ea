// Requests in the name of whoever is signed in here.

import { session } from '@/lib/auth/session';
import { ProblemError, problemOf } from './problem';
import { addressOf, answerOf, exchange, initOf, type Answer, type RequestParts } from './transport';

/** Codes that say that the access token is not good any more, unlike a password that was wrong. */
const SPENT = new Set([
  'unauthorized',
  'sign_in_required',
  'session_ended',
  'token_expired',
  'token_invalid',
]);

/**
 * Sends a request with the access token, if there is one. A token that is refused is renewed once;
 * if that fails the session has ended, which the page is told by its state and by this problem.
 */
export async function authorized(address: string, init: RequestInit): Promise<Response> {
  const token = await session.token();
  const response = await exchange(address, withToken(init, token));
  if (response.status === 403 && token !== null) {
    const problem = await problemOf(response.clone());
    // The organisation began to ask for it while somebody was working.
    if (problem.code === 'mfa_required') session.lacksSecondFactor();
  }
  if (response.status !== 401 || token === null) return response;
  const problem = await problemOf(response.clone());
  if (!SPENT.has(problem.code)) return response;
  const renewed = await session.renew(token);
  if (renewed === null) throw new ProblemError('session_ended', { status: 401 });
  return exchange(address, withToken(init, renewed));
}

function withToken(init: RequestInit, token: string | null): RequestInit {
  if (token === null) return init;
  const headers = new Headers(init.headers);
  headers.set('authorization', `Bearer ${token}`);
  return { ...init, headers };
}

export async function call<Body>(
  method: string,
  path: string,
  parts: RequestParts = {},
): Promise<Answer<Body>> {
  return answerOf(await authorized(addressOf(path, parts.query), initOf(method, parts)));
}

/** The body alone, where there is nothing to change later. */
export async function bodyOf<Body>(
  method: string,
  path: string,
  parts: RequestParts = {},
): Promise<Body> {
  return (await call<Body>(method, path, parts)).body;
}
