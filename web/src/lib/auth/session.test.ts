import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { call } from '@/lib/api/call';
import { ProblemError } from '@/lib/api/problem';
import { somebody, tokensOf } from '@/testing/people';
import { json, refuse, serve } from '@/testing/server';
import { Session, session } from './session';

const ADA = somebody();

/** On a busy machine what is there at once elsewhere takes its time. */
const PATIENTLY = { timeout: 5_000 };

beforeEach(() => vi.useFakeTimers());
afterEach(() => {
  session.forget();
  vi.useRealTimers();
  vi.unstubAllGlobals();
});

describe('the session', () => {
  it('asks strangers for no cookie', () => {
    const network = serve({});
    const fresh = new Session();
    fresh.start();
    expect(fresh.state.get().status).toBe('anonymous');
    expect(network.sent).toEqual([]);
  });

  it('comes back when the page is loaded again', async () => {
    localStorage.setItem('sluice.session', 'yes');
    serve({ 'POST /auth/refresh': () => json(tokensOf(ADA)) });
    const fresh = new Session();
    fresh.start();
    await vi.waitFor(() => expect(fresh.state.get().status).toBe('signed-in'), PATIENTLY);
    expect(fresh.state.get().me?.handle).toBe('ada');
    fresh.forget();
  });

  it('keeps asking while the server is away, and takes nobody for a stranger meanwhile', async () => {
    localStorage.setItem('sluice.session', 'yes');
    const network = serve({ 'POST /auth/refresh': () => Promise.reject(new TypeError('offline')) });
    const fresh = new Session();
    fresh.start();
    await vi.waitFor(() => expect(fresh.state.get().problem?.code).toBe('network'), PATIENTLY);
    expect(fresh.state.get().status).toBe('unknown');
    network.on('POST /auth/refresh', () => json(tokensOf(ADA)));
    await vi.advanceTimersByTimeAsync(2_000);
    expect(fresh.state.get()).toMatchObject({ status: 'signed-in', problem: null });
    fresh.forget();
  });

  it('renews the token a minute before it expires', async () => {
    const network = serve({ 'POST /auth/refresh': () => json(tokensOf(ADA, 'token-2')) });
    session.accept(tokensOf(ADA, 'token-1', 600));
    await vi.advanceTimersByTimeAsync(539_000);
    expect(network.of('POST /auth/refresh')).toHaveLength(0);
    await vi.advanceTimersByTimeAsync(2_000);
    expect(network.of('POST /auth/refresh')).toHaveLength(1);
    expect(await session.token()).toBe('token-2');
  });

  it('keeps the token out of every storage', () => {
    session.accept(tokensOf(ADA, 'token-secret'));
    const stored = JSON.stringify([localStorage, sessionStorage, document.cookie]);
    expect(stored).not.toContain('token-secret');
  });

  it('renews a refused token once for many requests and repeats them', async () => {
    const network = serve({
      'GET /me': ({ headers }) =>
        headers.get('authorization') === 'Bearer token-2'
          ? json(ADA)
          : refuse(401, 'session_ended'),
      'POST /auth/refresh': () => json(tokensOf(ADA, 'token-2')),
    });
    session.accept(tokensOf(ADA));
    const answers = await Promise.all([call('GET', '/me'), call('GET', '/me'), call('GET', '/me')]);
    expect(answers.map(({ status }) => status)).toEqual([200, 200, 200]);
    expect(network.of('POST /auth/refresh')).toHaveLength(1);
  });

  it('ends when the cookie is refused too, and still knows who it was', async () => {
    serve({
      'GET /me': () => refuse(401, 'session_ended'),
      'POST /auth/refresh': () => refuse(401, 'session_ended'),
    });
    session.accept(tokensOf(ADA));
    await expect(call('GET', '/me')).rejects.toMatchObject({ code: 'session_ended' });
    expect(session.state.get()).toMatchObject({ status: 'ended', me: { handle: 'ada' } });
  });

  it('ends at once when it was ended from elsewhere, unless the cookie is still good', async () => {
    const network = serve({ 'POST /auth/refresh': () => json(tokensOf(ADA, 'token-2')) });
    session.accept(tokensOf(ADA));
    await session.revoked();
    expect(session.state.get().status).toBe('signed-in');
    network.on('POST /auth/refresh', () => refuse(401, 'session_ended'));
    await session.revoked();
    expect(session.state.get()).toMatchObject({ status: 'ended', me: { handle: 'ada' } });
  });

  it('knows from the first refusal that a second factor must be set up', async () => {
    serve({ 'GET /admin/overview': () => refuse(403, 'mfa_required') });
    session.accept(tokensOf(ADA));
    await expect(call('GET', '/admin/overview')).rejects.toMatchObject({ code: 'mfa_required' });
    expect(session.state.get().me?.mfa).toMatchObject({ required: true, totp: false });
  });

  it('does not end because a password was wrong', async () => {
    const network = serve({ 'PUT /me/password': () => refuse(401, 'invalid_credentials') });
    session.accept(tokensOf(ADA));
    await expect(call('PUT', '/me/password', { body: {} })).rejects.toBeInstanceOf(ProblemError);
    expect(network.of('POST /auth/refresh')).toHaveLength(0);
    expect(session.state.get().status).toBe('signed-in');
  });

  it('is shared by all tabs, and so is leaving it', async () => {
    vi.useRealTimers();
    serve({ 'POST /auth/sign-out': () => new Response(null, { status: 204 }) });
    const [here, there] = [new Session(), new Session()];
    here.start();
    there.start();
    here.accept(tokensOf(ADA, 'token-9'));
    await vi.waitFor(() => expect(there.state.get().status).toBe('signed-in'), PATIENTLY);
    expect(await there.token()).toBe('token-9');
    await there.signOut();
    await vi.waitFor(() => expect(here.state.get().status).toBe('anonymous'), PATIENTLY);
    expect(await here.token()).toBeNull();
  });

  it('signs out here even when the server cannot be reached', async () => {
    serve({ 'POST /auth/sign-out': () => Promise.reject(new TypeError('offline')) });
    session.accept(tokensOf(ADA));
    await session.signOut();
    expect(session.state.get()).toMatchObject({ status: 'anonymous', me: null });
    expect(localStorage.getItem('sluice.session')).toBeNull();
  });
});
