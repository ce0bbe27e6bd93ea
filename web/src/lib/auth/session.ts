// Who is signed in here. The access token lives in memory only; the refresh token is a cookie that
// no script can read. All tabs share one session: one of them renews the token, all get it.

import { problemOf, ProblemError } from '@/lib/api/problem';
import { addressOf, exchange, initOf, send } from '@/lib/api/transport';
import type { Me, Tokens } from '@/lib/api/types';
import { Snapshot } from '@/lib/snapshot';

export interface SessionState {
  /**
   * `unknown` until the server was asked; `ended` when the server ended it while somebody was
   * working, who then may sign in again without leaving the page.
   */
  status: 'unknown' | 'anonymous' | 'signed-in' | 'ended';
  me: Me | null;
  /** Why it is still unknown. */
  problem: ProblemError | null;
}

type Message =
  { type: 'tokens'; tokens: Tokens; expiresAt: number } | { type: 'me'; me: Me } | { type: 'left' };

/** Renewed this long before it expires. Less risks requests with a token that dies on the way. */
const MARGIN_MS = 60_000;
/** Pause before asking a server again that did not answer; doubled up to the second number. */
const RETRY_MS = [2_000, 30_000] as const;
/** Only says that asking for a new token is worth a request: strangers are not asked for cookies. */
const HINT = 'sluice.session';
const NOBODY: SessionState = { status: 'anonymous', me: null, problem: null };

export class Session {
  readonly state = new Snapshot<SessionState>({ status: 'unknown', me: null, problem: null });
  readonly #now: () => number;
  #token: string | null = null;
  #expiresAt = 0;
  #renewing: Promise<string | null> | null = null;
  #timer: ReturnType<typeof setTimeout> | undefined;
  #retryMs: number = RETRY_MS[0];
  #channel: BroadcastChannel | null = null;

  constructor(now: () => number = Date.now) {
    this.#now = now;
  }

  /** Once when the page is loaded; later calls do nothing. */
  start(): void {
    if (this.#channel !== null) return;
    this.#channel = new BroadcastChannel('sluice.session');
    this.#channel.onmessage = ({ data }: MessageEvent<Message>) => this.#hear(data);
    document.addEventListener('visibilitychange', () => {
      // Timers sleep with the computer: what expired meanwhile is renewed on return.
      if (!document.hidden && this.#token !== null) void this.token().catch(() => undefined);
    });
    if (localStorage.getItem(HINT) === null) this.state.set(NOBODY);
    else this.#renewInBackground();
  }

  /** A token that is good for the next request, or null for nobody. */
  async token(): Promise<string | null> {
    if (this.#token === null && this.state.get().status !== 'unknown') return null;
    if (this.#token !== null && this.#now() < this.#expiresAt - MARGIN_MS / 2) return this.#token;
    if (this.#token === null && localStorage.getItem(HINT) === null) return null;
    return this.renew(this.#token);
  }

  /** A token other than `spent`, or null if the session has ended. One request at a time, in all tabs. */
  renew(spent: string | null): Promise<string | null> {
    if (this.#token !== null && this.#token !== spent) return Promise.resolve(this.#token);
    this.#renewing ??= alone(() => this.#ask(spent)).finally(() => (this.#renewing = null));
    return this.#renewing;
  }

  /** Somebody signed in here. */
  accept(tokens: Tokens): void {
    const expiresAt = this.#now() + tokens.expires_in * 1000;
    this.#take(tokens, expiresAt);
    this.#tell({ type: 'tokens', tokens, expiresAt });
  }

  /** The account was changed here. */
  updateMe(me: Me): void {
    this.state.set({ me });
    this.#tell({ type: 'me', me });
  }

  /** The server lets this account do nothing but set up a second factor. */
  lacksSecondFactor(): void {
    const { me } = this.state.get();
    if (me !== null) this.updateMe({ ...me, mfa: { ...me.mfa, required: true, totp: false } });
  }

  /** The server says that this sign-in was ended from elsewhere. The cookie tells whether that is so. */
  async revoked(): Promise<void> {
    if (this.#token !== null) await this.renew(this.#token).catch(() => undefined);
  }

  /** Ends the session here, in all tabs, and on the server if it can be reached. */
  async signOut(): Promise<void> {
    // All tabs know first: to none of them may it look as if somebody else had ended it.
    this.forget();
    this.#tell({ type: 'left' });
    await send('POST', '/auth/sign-out').catch(() => undefined);
  }

  /** Nobody is signed in here any more. */
  forget(): void {
    this.#drop();
    this.state.set(NOBODY);
  }

  async #ask(spent: string | null): Promise<string | null> {
    // Another tab may have renewed it while this one waited its turn.
    if (this.#token !== null && this.#token !== spent) return this.#token;
    const response = await exchange(addressOf('/auth/refresh'), initOf('POST', {}));
    if (response.ok) {
      const tokens = (await response.json()) as Tokens;
      this.accept(tokens);
      return tokens.access_token;
    }
    if (response.status !== 401 && response.status !== 403) throw await problemOf(response);
    const { status, me } = this.state.get();
    this.#drop();
    this.state.set(status === 'unknown' || me === null ? NOBODY : { status: 'ended', me });
    return null;
  }

  #take(tokens: Tokens, expiresAt: number): void {
    this.#token = tokens.access_token;
    this.#expiresAt = expiresAt;
    this.#retryMs = RETRY_MS[0];
    localStorage.setItem(HINT, 'yes');
    this.state.set({ status: 'signed-in', me: tokens.account, problem: null });
    this.#later(Math.max(1_000, expiresAt - this.#now() - MARGIN_MS));
  }

  #drop(): void {
    clearTimeout(this.#timer);
    this.#token = null;
    this.#expiresAt = 0;
    localStorage.removeItem(HINT);
  }

  #later(pause: number): void {
    clearTimeout(this.#timer);
    this.#timer = setTimeout(() => this.#renewInBackground(), pause);
  }

  #renewInBackground(): void {
    this.renew(this.#token).catch((problem: unknown) => {
      if (problem instanceof ProblemError) this.state.set({ problem });
      this.#later(this.#retryMs);
      this.#retryMs = Math.min(RETRY_MS[1], this.#retryMs * 2);
    });
  }

  #hear(message: Message): void {
    if (message.type === 'tokens') this.#take(message.tokens, message.expiresAt);
    if (message.type === 'me' && this.#token !== null) this.state.set({ me: message.me });
    if (message.type === 'left') this.forget();
  }

  #tell(message: Message): void {
    this.#channel?.postMessage(message);
  }
}

/** In one tab at a time. Pages without TLS have no locks; the server's grace for two tabs has to do. */
async function alone<Result>(work: () => Promise<Result>): Promise<Result> {
  const locks = (navigator as { locks?: LockManager }).locks;
  if (locks === undefined) return work();
  return locks.request('sluice.session', work);
}

/** The session of this page. */
export const session = new Session();
