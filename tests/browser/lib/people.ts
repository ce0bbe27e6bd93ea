// People of a server as programs see them: made and signed in over the API, without a browser.

import assert from 'node:assert/strict';

import type { MailServer } from './mail.ts';

export interface Person {
  email: string;
  password: string;
  handle: string;
  name: string;
}

/** A person whose password every policy takes. */
export const person = (handle: string, name: string): Person => ({
  email: `${handle}@example.org`,
  password: `Correct-Horse-7-${name.replaceAll(/\W/g, '')}!`,
  handle,
  name,
});

export interface NewStream {
  name: string;
  title: string;
  access?: string;
  password?: string;
}

/** The API in the name of one person, or of nobody. */
export class Api {
  readonly #base: string;
  readonly #token: string | null;

  constructor(base: string, token: string | null = null) {
    this.#base = base;
    this.#token = token;
  }

  async send(method: string, path: string, body?: unknown): Promise<Response> {
    return fetch(`${this.#base}/api/v1${path}`, {
      method,
      headers: {
        ...(body !== undefined && { 'Content-Type': 'application/json' }),
        ...(this.#token !== null && { Authorization: `Bearer ${this.#token}` }),
      },
      body: body === undefined ? null : JSON.stringify(body),
    });
  }

  /** The body of an answer that must be good. */
  async call<Body = unknown>(method: string, path: string, body?: unknown): Promise<Body> {
    const response = await this.send(method, path, body);
    const text = await response.text();
    assert.ok(response.ok, `${method} ${path}: ${response.status} ${text}`);
    return (text === '' ? null : JSON.parse(text)) as Body;
  }

  createStream = (stream: NewStream): Promise<{ id: string; name: string }> => this.call('POST', '/streams', stream);
}

/** Sets a fresh server up and acts as its administrator. */
export async function setUp(base: string, { email, password, handle, name }: Person): Promise<Api> {
  const tokens = await new Api(base).call<{ access_token: string }>('POST', '/setup', {
    name: 'Harbour TV',
    public_url: base,
    email,
    password,
    handle,
    display_name: name,
    signup_mode: 'open',
  });
  return new Api(base, tokens.access_token);
}

export async function signIn(base: string, { email, password }: Person): Promise<Api> {
  const tokens = await new Api(base).call<{ access_token: string }>('POST', '/auth/sign-in', { email, password });
  return new Api(base, tokens.access_token);
}

/** Signs somebody up, opens the link of the mail, and signs in. */
export async function join(base: string, mails: MailServer, who: Person): Promise<Api> {
  const { email, password, handle, name } = who;
  const nobody = new Api(base);
  await nobody.call('POST', '/auth/sign-up', { email, password, handle, display_name: name });
  await nobody.call('POST', '/auth/verify-email', { token: tokenOf(await mails.link(email, 'verify-email')) });
  return signIn(base, who);
}

/** The one-time token of a link. */
export const tokenOf = (link: string): string => new URLSearchParams(new URL(link).hash.slice(1)).get('token') ?? '';
