// Signing up, in and out, and the first set-up of a server. Nobody is signed in yet.

import { session } from '@/lib/auth/session';
import { deviceName } from '@/lib/auth/device';
import { send } from './transport';
import type {
  AccountRules,
  LegalDocument,
  SecondFactorNeeded,
  SetUp,
  SignUp,
  Tokens,
} from './types';

export async function accountRules(signal?: AbortSignal): Promise<AccountRules> {
  return (await send<AccountRules>('GET', '/server', { signal })).body;
}

export async function currentTerms(signal?: AbortSignal): Promise<LegalDocument> {
  return (await send<LegalDocument>('GET', '/legal/terms', { signal })).body;
}

/** Signs in; or says that a code is needed as well, where the account has a second factor. */
export async function signIn(email: string, password: string): Promise<SecondFactorNeeded | null> {
  const answer = await send<Tokens | SecondFactorNeeded>('POST', '/auth/sign-in', {
    body: { email, password, device: deviceName(navigator.userAgent) },
  });
  return acceptTokens(answer.body);
}

export async function secondFactor(mfaToken: string, code: string): Promise<void> {
  const answer = await send<Tokens>('POST', '/auth/mfa', { body: { mfa_token: mfaToken, code } });
  session.accept(answer.body);
}

/** Makes an account and signs it in, or says what it waits for: an answered mail, or somebody's look. */
export async function signUp(account: SignUp): Promise<'signed-in' | 'sent' | 'approval'> {
  const answer = await send<Tokens | { verification: 'sent' | 'approval' }>(
    'POST',
    '/auth/sign-up',
    {
      body: account,
    },
  );
  if (!('access_token' in answer.body)) return answer.body.verification;
  session.accept(answer.body);
  return 'signed-in';
}

/** Makes the first account of the server, the administrator's. */
export async function setUp(choices: SetUp): Promise<void> {
  session.accept((await send<Tokens>('POST', '/setup', { body: choices })).body);
}

export async function verifyEmail(token: string): Promise<void> {
  await send('POST', '/auth/verify-email', { body: { token } });
}

export async function resendVerification(email: string): Promise<void> {
  await send('POST', '/auth/resend-verification', { body: { email } });
}

export async function forgotPassword(email: string): Promise<void> {
  await send('POST', '/auth/forgot-password', { body: { email } });
}

export async function resetPassword(token: string, password: string): Promise<void> {
  await send('POST', '/auth/reset-password', { body: { token, password } });
}

function acceptTokens(body: Tokens | SecondFactorNeeded): SecondFactorNeeded | null {
  if (!('access_token' in body)) return body;
  session.accept(body);
  return null;
}
