// Accounts as people use them: signing up and in by the pages and by mail, keys, and who may watch.

import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';

import { MailServer } from '../lib/mail.ts';
import { ObsShapedPublisher } from '../lib/obs.ts';
import { Api, join, person, setUp, signIn } from '../lib/people.ts';
import { tell } from '../lib/report.ts';
import { Server } from '../lib/server.ts';
import { totp } from '../lib/totp.ts';
import { playerIs, Visits, watch, watchesPictures, type Visit } from '../lib/visits.ts';

const ADMIN = person('ada', 'Ada Lovelace');
const VIEWER = person('vera', 'Vera Rubin');

/** A refresh token that is used again within this time is that of a second tab. */
const GRACE_MS = 10_000;

let mails: MailServer;
let server: Server;
let visits: Visits;
let admin: Api;
/** Whoever holds a copy of somebody's refresh token, from when it was used. */
let theft: { victim: Visit; token: string; usedAt: number };
before(async () => {
  mails = await MailServer.start();
  server = await Server.start({ fresh: true, sections: mails.configuration });
  admin = await setUp(server.http, ADMIN);
  await join(server.http, mails, VIEWER);
  visits = await Visits.open(server.http);
  const victim = await visits.signedIn(VIEWER);
  const token = await victim.refreshToken();
  await victim.page.reload();
  await victim.known(VIEWER);
  theft = { victim, token, usedAt: Date.now() };
});
after(async () => {
  await visits?.close();
  await server?.stop();
  await mails?.close();
});

/** Adds what the server said to a failure. */
async function explained(body: () => Promise<void>): Promise<void> {
  try {
    await body();
  } catch (error) {
    process.stderr.write(`--- server ---\n${server.output.slice(-4_000)}\n`);
    throw error;
  }
}

// Requirements: R1, R4, R12
test('a new account is opened by the link of a mail, once, and tabs sign out together', () =>
  explained(async () => {
    const grace = person('grace', 'Grace Hopper');
    const visit = await visits.visitor();
    const { page } = visit;
    await page.goto('/sign-up');
    await page.getByLabel('Name', { exact: true }).fill(grace.name);
    await page.getByLabel('Handle').fill(grace.handle);
    await page.getByLabel('Email').fill(grace.email);
    await page.getByLabel('Password', { exact: true }).fill(grace.password);
    await visit.picture('sign-up');
    await page.getByRole('button', { name: 'Create account' }).click();
    await visit.says('Look into your mail');
    await visit.picture('sign-up-mail');

    await page.goto('/sign-in');
    await visit.signIn(grace);
    await visit.says('Confirm your email address first');
    await visit.picture('sign-in-unverified');

    const link = await mails.link(grace.email, 'verify-email');
    const first = await visit.anotherTab();
    await first.goto(link);
    await visit.says('Your email is confirmed', first);
    assert.ok(!first.url().includes('token'), 'the token is not in the address any more');
    const second = await visit.anotherTab();
    await second.goto(link);
    await visit.says('This link does not work', second);

    await page.reload();
    await visit.signIn(grace);
    await visit.known(grace);
    await page.reload();
    await visit.known(grace);
    await second.goto('/settings');
    await visit.known(grace, second);
    // The pages know before the server does, and the cookie goes with its answer.
    const out = page.waitForResponse((response) => response.url().endsWith('/auth/sign-out'));
    await visit.signOut(grace);
    await visit.unknown();
    await visit.unknown(second);
    await out;
    assert.equal(await visit.refreshToken(), '');
    await visit.close();
  }));

// Requirements: R8
test('a forgotten password is replaced by the link of a mail, which ends other sessions', () =>
  explained(async () => {
    const alan = person('alan', 'Alan Turing');
    await join(server.http, mails, alan);
    const elsewhere = await visits.signedIn(alan);
    const visit = await visits.visitor();
    const { page } = visit;
    await page.goto('/sign-in');
    await page.getByRole('link', { name: 'Forgot password?' }).click();
    await page.getByLabel('Email').fill(alan.email);
    await page.getByRole('button', { name: 'Send the link' }).click();
    await visit.says('a link is on its way');
    await visit.picture('forgot-sent');

    await page.goto(await mails.link(alan.email, 'reset-password'));
    const renewed = { ...alan, password: 'Another-Horse-8-Enigma!' };
    await page.getByLabel('New password', { exact: true }).fill(renewed.password);
    await visit.picture('reset');
    await page.getByRole('button', { name: 'Save password' }).click();
    await visit.says('Your password is new');

    // The server tells it: whoever clicked meanwhile would click behind the dialog.
    await elsewhere.says('Your session has ended');
    await elsewhere.close();

    await page.getByRole('link', { name: 'Sign in' }).last().click();
    await visit.signIn(alan);
    await visit.says('Email or password is wrong.');
    await visit.signIn(renewed);
    await visit.known(renewed);
    await visit.close();
  }));

// Requirements: R16
test('the second factor is set up by the page; its codes and backup codes work once each', () =>
  explained(async () => {
    const katherine = person('katherine', 'Katherine Johnson');
    await join(server.http, mails, katherine);
    const visit = await visits.signedIn(katherine);
    const { page } = visit;
    await page.goto('/settings/security');
    const answered = page.waitForResponse((response) => response.url().endsWith('/me/totp'));
    await page.getByRole('button', { name: 'Set it up' }).click();
    const { secret } = (await (await answered).json()) as { secret: string };
    await page.getByText(secret).waitFor();
    await page.getByLabel('Code of the app').fill(totp(secret));
    await visit.picture('totp-setup');
    await page.getByRole('button', { name: 'Turn on' }).click();
    await page.getByRole('heading', { name: 'Backup codes' }).waitFor();
    const backup = (await page.locator('main li code').allTextContents())[0] ?? '';
    await visit.picture('totp-codes');
    await page.getByLabel('I have kept them').check();
    await page.getByRole('button', { name: 'Done' }).click();
    await visit.says('10 backup codes are left');

    const code = totp(secret, 1);
    assert.equal(await answersWith(katherine.email, katherine.password, code), 'signed in');
    assert.equal(await answersWith(katherine.email, katherine.password, code), 'refused');
    assert.equal(await answersWith(katherine.email, katherine.password, backup, true), 'signed in');
    assert.equal(await answersWith(katherine.email, katherine.password, backup, true), 'refused');
    await visit.close();
  }));

/** Signs in with a second factor in a profile of its own. */
async function answersWith(email: string, password: string, code: string, backup = false): Promise<'signed in' | 'refused'> {
  const visit = await visits.visitor();
  const { page } = visit;
  await page.goto('/sign-in');
  await visit.signIn({ email, password });
  await visit.says('One more step');
  if (backup) await page.getByRole('button', { name: 'Use a backup code' }).click();
  await page.getByLabel(backup ? 'Backup code' : 'Code', { exact: true }).fill(code);
  await visit.picture(backup ? 'mfa-backup' : 'mfa');
  await page.getByRole('button', { name: 'Continue' }).click();
  const account = page.getByRole('button', { name: 'Account of' });
  await account.or(page.getByText('This code is not right')).first().waitFor();
  const outcome = (await account.isVisible()) ? 'signed in' : 'refused';
  await visit.close();
  return outcome;
}

// Requirements: R79, R80
test('a stream key is made, shown and used, and ends its publisher when it is revoked', () =>
  explained(async () => {
    await admin.createStream({ name: 'regatta', title: 'The regatta' });
    const visit = await visits.signedIn(ADMIN);
    const { page } = visit;
    await page.goto('/studio/regatta/keys');
    await page.getByRole('button', { name: 'Add key' }).click();
    await page.getByLabel('Name', { exact: true }).fill('Boat');
    await page.getByRole('dialog').getByRole('button', { name: 'Add key' }).click();
    await page.getByRole('dialog').getByRole('heading', { name: 'Your new key' }).waitFor();
    await page.getByRole('dialog').getByRole('button', { name: 'Close' }).last().click();
    const row = page.getByRole('listitem').filter({ has: page.getByRole('heading', { name: 'Boat' }) });
    await row.getByRole('button', { name: 'Show the key Boat' }).click();
    await row.getByRole('button', { name: 'Hide the key Boat' }).waitFor();
    const key = (await row.locator('code').textContent()) ?? '';
    assert.match(key, /^sk_\w{20,}$/);
    await visit.picture('keys');

    const tick = await visit.anotherTab();
    await tick.goto('/studio/regatta/live?with=encoder');
    await visit.says('Waiting for an encoder', tick);
    const encoder = await publish('regatta', key);
    await visit.says('An encoder is connected', tick);
    await row.getByText('Encoder connected').waitFor();
    await visit.picture('keys-connected');
    const viewer = await visits.visitor();
    await watch(viewer, 'regatta');
    await watchesPictures(viewer);

    await row.getByRole('button', { name: 'Revoke the key Boat' }).click();
    // From the moment the page asks for it: how long a click takes is the browser's business.
    const asked = page
      .waitForRequest((request) => request.method() === 'DELETE')
      .then(() => Date.now());
    const over = encoder.over.then(() => Date.now());
    await page.getByRole('dialog').getByRole('button', { name: 'Revoke key' }).click();
    const revokedAt = await asked;
    const overMs = (await over) - revokedAt;
    await playerIs(viewer, 'ended', 'offline');
    tell('key revoked', { publisherEndedMs: overMs, viewerToldMs: Date.now() - revokedAt });
    assert.ok(overMs <= 2_000, `the publisher was ended after ${overMs} ms`);
    await viewer.picture('watch-ended');
    encoder.vanish();
    await assert.rejects(publish('regatta', key), /401|403/);
    await Promise.all([viewer.close(), visit.close()]);
  }));

const publish = (stream: string, token: string): Promise<ObsShapedPublisher> =>
  ObsShapedPublisher.start({ url: `${server.http}/whip/${stream}`, token, heights: [180] });

/** A live stream of the administrator. */
async function live(name: string, title: string, access: string, password?: string): Promise<ObsShapedPublisher> {
  const { id } = await admin.createStream({ name, title, access, ...(password !== undefined && { password }) });
  const { key } = await admin.call<{ key: string }>('POST', `/streams/${id}/keys`, { name: 'Test' });
  return publish(name, key);
}

// Requirements: R43
test('a stream with a password plays for who knows it', () =>
  explained(async () => {
    const encoder = await live('backstage', 'Backstage', 'password', 'Open-Sesame-7');
    const visit = await visits.visitor();
    const { page } = visit;
    await watch(visit, 'backstage');
    await visit.says('This stream has a password');
    const password = page.getByRole('textbox', { name: 'Password' });
    await password.fill('open sesame');
    await page.getByRole('button', { name: 'Watch' }).click();
    await visit.says('That is not the password.');
    await visit.picture('lock-password');
    await password.fill('Open-Sesame-7');
    await page.getByRole('button', { name: 'Watch' }).click();
    await watchesPictures(visit);
    await visit.close();
    await encoder.stop();
  }));

test('a stream for followers plays as soon as somebody follows', () =>
  explained(async () => {
    const encoder = await live('circle', 'The inner circle', 'followers');
    const stranger = await visits.visitor();
    await watch(stranger, 'circle');
    await stranger.says('Sign in to watch');
    await stranger.picture('lock-sign-in');
    await stranger.page.locator('main').getByRole('link', { name: 'Sign in' }).click();
    await stranger.signIn(VIEWER);
    await stranger.says(`For followers of ${ADMIN.name}`);
    await stranger.picture('lock-followers');
    await watch(stranger, 'circle');
    await stranger.page.getByRole('region', { name: 'For followers of' }).getByRole('button', { name: /^Follow/ }).click();
    await watchesPictures(stranger);
    await stranger.close();
    await encoder.stop();
  }));

// Requirements: R36, R45
test('somebody who may not administrate is told so, and the API refuses', () =>
  explained(async () => {
    const visit = await visits.signedIn(VIEWER);
    await visit.page.goto('/admin/users');
    await visit.says('This page is not for your account');
    await visit.picture('denied');
    const viewer = await signIn(server.http, VIEWER);
    assert.equal((await viewer.send('GET', '/admin/accounts')).status, 403);
    assert.equal((await new Api(server.http).send('GET', '/admin/accounts')).status, 401);
    await visit.close();
  }));

// Requirements: R4
test('a stolen refresh token ends the session for the thief and the owner', () =>
  explained(async () => {
    const { victim, token, usedAt } = theft;
    // Other tests have filled the most of this time.
    await sleep(Math.max(0, usedAt + GRACE_MS + 500 - Date.now()));
    const current = await victim.refreshToken();
    assert.notEqual(current, token);
    assert.equal(await refreshed(token), 401);
    assert.equal(await refreshed(current), 401);
    await victim.says('Your session has ended');
    await victim.picture('session-ended');
    const dialog = victim.page.getByRole('dialog');
    await dialog.getByLabel('Password', { exact: true }).fill(VIEWER.password);
    await dialog.getByRole('button', { name: 'Sign in' }).click();
    await dialog.waitFor({ state: 'hidden' });
    await victim.known(VIEWER);
    await victim.close();
  }));

async function refreshed(token: string): Promise<number> {
  const headers = { Cookie: `sluice_refresh=${token}` };
  return (await fetch(`${server.http}/api/v1/auth/refresh`, { method: 'POST', headers })).status;
}
