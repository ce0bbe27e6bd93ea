// Chat in real browsers: a publisher, viewers and bots hear one order, and moderators are obeyed at once.

import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';

import { launchChromium, type Browser } from '../lib/browser.ts';
import { ChannelBot, ChatPage, SocketBot, type Ear } from '../lib/chat.ts';
import { MailServer } from '../lib/mail.ts';
import { servePages, type Pages } from '../lib/pages.ts';
import { join, person, setUp, type Api, type Person } from '../lib/people.ts';
import { UdpProxy } from '../lib/proxy.ts';
import { tell } from '../lib/report.ts';
import { Server } from '../lib/server.ts';
import { eventually } from '../lib/stage.ts';
import { Visits, watch, watchesPictures } from '../lib/visits.ts';
import { throughProxy } from '../page/http.ts';

const ADA = person('ada', 'Ada Lovelace');
const VERA = person('vera', 'Vera Rubin');
const MONA = person('mona', 'Mona Moderator');
const RUSTY = person('rusty', 'Rusty Bot');
const NODY = person('nody', 'Nody Bot');
const TROLL = person('troll', 'Tom Troll');

/** What a moderator does is done everywhere within this time. */
const AT_ONCE_MS = 200;

interface Stream {
  id: string;
  name: string;
}

let mails: MailServer;
let server: Server;
let visits: Visits;
let pages: Pages;
let chromium: Browser;
let admin: Api;
let troll: { key: string; id: string };
let live: Stream;
let quiet: Stream;
let studio: ChatPage;
let vera: ChatPage;
let mona: ChatPage;
let rusty: ChannelBot;
let nody: SocketBot;
/** Everybody, by name. */
let everybody: Record<string, ChatPage | Ear>;

before(async () => {
  mails = await MailServer.start();
  server = await Server.start({ fresh: true, sections: mails.configuration });
  admin = await setUp(server.http, ADA);
  for (const who of [VERA, MONA]) await join(server.http, mails, who);
  const keys = [];
  for (const who of [RUSTY, NODY, TROLL]) keys.push(await botKey(who));
  const [rustyKey, nodyKey, trollKey] = keys as [Key, Key, Key];
  troll = trollKey;
  live = await admin.createStream({ name: 'harbour', title: 'The harbour' });
  quiet = await admin.createStream({ name: 'quiet', title: 'Nothing yet' });
  visits = await Visits.open(server.http);
  const moderator = await visits.signedIn(MONA);
  await admin.call('PUT', `/streams/${live.id}/chat/moderators/${await accountOf(MONA)}`);
  await admin.call('PUT', `/streams/${quiet.id}/chat/moderators/${await accountOf(MONA)}`);

  studio = new ChatPage(await visits.signedIn(ADA));
  await studio.page.goto(`/studio/${live.name}/live`);
  await studio.page.getByRole('button', { name: 'Use this browser' }).click();
  await studio.page.getByRole('button', { name: 'Go live' }).click();
  await studio.page.getByText('You are live').waitFor({ state: 'attached' });
  vera = new ChatPage(await visits.signedIn(VERA));
  mona = new ChatPage(moderator);
  for (const { visit } of [vera, mona]) await watch(visit, live.name);
  for (const chat of [studio, vera, mona]) await chat.open('channel');
  rusty = await ChannelBot.join(server, live.name, rustyKey.key);
  nody = await SocketBot.join(server, live.id, nodyKey.key);
  everybody = { studio, vera, mona, rusty, nody };
  [pages, chromium] = await Promise.all([servePages(), launchChromium()]);
});
after(async () => {
  rusty?.stop();
  nody?.close();
  await chromium?.close();
  pages?.close();
  await visits?.close();
  await server?.stop();
  await mails?.close();
});

interface Key {
  id: string;
  key: string;
}

/** Signs a bot's account up and makes it a key. */
async function botKey(who: Person): Promise<Key> {
  const api = await join(server.http, mails, who);
  const { id } = await api.call<{ id: string }>('GET', '/me');
  const made = await api.call<{ key: string }>('POST', '/me/api-keys', { name: 'Bot', scopes: ['read:chat', 'write:chat'] });
  return { id, key: made.key };
}

async function accountOf({ handle }: Person): Promise<string> {
  const found = await admin.call<{ items: { id: string; handle: string }[] }>('GET', `/admin/accounts?q=${handle}`);
  const account = found.items.find((item) => item.handle === handle);
  assert.ok(account, `${handle} has an account`);
  return account.id;
}

/** Adds what the server said to a failure. */
async function explained(body: () => Promise<void>): Promise<void> {
  try {
    await body();
  } catch (error) {
    process.stderr.write(`--- server ---\n${server.output.slice(-4_000)}\n`);
    throw error;
  }
}

/** Waits until everybody has heard a text. */
async function allHear(text: string, who: Record<string, ChatPage | Ear> = everybody): Promise<void> {
  await Promise.all(
    Object.entries(who).map(async ([name, member]) => {
      const heard: Promise<unknown> = member instanceof ChatPage ? member.shows(text) : member.hears(text);
      await heard.catch((error: unknown) => assert.fail(`${name} did not hear "${text}": ${String(error)}`));
    }),
  );
}

// Requirements: R186, R187, R189, R196, R199
test('two viewers, the publisher and two bots hear all messages in the same order', () =>
  explained(async () => {
    for (let round = 0; round < 4; round++) {
      await Promise.all([
        studio.say(`the studio, ${round}`),
        vera.say(`vera, ${round}`),
        mona.say(`mona, ${round}`),
        nody.say(`nody, ${round}`),
      ]);
    }
    nody.say('!ping');
    await allHear('pong');
    for (const name of ['the studio', 'vera', 'mona', 'nody']) await allHear(`${name}, 3`);
    await sleep(300);
    const orders = await Promise.all(
      Object.entries(everybody).map(async ([name, member]) => [name, await member.ids()] as const),
    );
    const [, expected] = orders[0] ?? assert.fail('nobody is there');
    assert.equal(expected.length, 18, 'sixteen messages, a ping and a pong');
    assert.deepEqual(expected, [...expected].sort(), 'ids ascend');
    for (const [name, ids] of orders) assert.deepEqual(ids, expected, name);
    tell('one order', { messages: expected.length, members: orders.length });
    await vera.visit.picture('chat-watch');
    await mona.visit.picture('chat-moderator');
    await studio.visit.picture('chat-studio');
  }));

/** What must happen in every page and to every bot after an act, and how long the last of them took. */
async function everywhere(
  what: string,
  message: string,
  act: () => Promise<number>,
  told: (event: Parameters<Parameters<Ear['until']>[1]>[0]) => boolean,
): Promise<void> {
  const from = [rusty.heard.length, nody.heard.length] as const;
  const watching = [studio, vera, mona].map((chat) => chat.gone(message));
  const bots = [rusty.until(what, told, from[0]), nody.until(what, told, from[1])];
  const acted = await act();
  const times = [...(await Promise.all(watching)), ...(await Promise.all(bots)).map(({ at }) => at)];
  const [inStudio, byViewer, byModerator, onChannel, onSocket] = times.map((at) => at - acted);
  tell(what, { inStudio, byViewer, byModerator, onChannel, onSocket });
  const longest = Math.max(...times) - acted;
  assert.ok(longest <= AT_ONCE_MS, `${what} took ${longest} ms`);
}

let said = 0;
/** Lets a bot say something new; its id. */
async function says(bot: SocketBot): Promise<{ id: string; text: string }> {
  const text = `rubbish number ${said++}`;
  bot.say(text);
  const { event } = await mona.shows(text).then(() => nody.hears(text));
  await Promise.all([studio.shows(text), vera.shows(text)]);
  return { id: event.message?.id ?? '', text };
}

/** What a moderator does to the troll, who is new each time and forgiven afterwards. */
const eventuallyTo = (act: (tom: SocketBot) => Promise<void>): Promise<void> =>
  eventually(async () => {
    const tom = await SocketBot.join(server, live.id, troll.key);
    try {
      await act(tom);
    } finally {
      tom.close();
      await admin.send('DELETE', `/streams/${live.id}/chat/bans/${troll.id}`);
    }
  });

// Requirements: R202, R206
test("a moderator's delete, timeout and ban act everywhere at once", () =>
  explained(async () => {
    await eventuallyTo(async (tom) => {
      const { id, text } = await says(tom);
      await everywhere('delete', id, () => mona.act(text, 'Delete'), ({ type, messages }) => type === 'deleted' && messages?.includes(id) === true);
    });
    await eventuallyTo(async (tom) => {
      const { id, text } = await says(tom);
      await everywhere('timeout', id, () => mona.act(text, /^Timeout/), ({ type, action }) => type === 'moderation' && action === 'timeout');
      tom.say('I was not done', 'late');
      const refused = await tom.until('a refusal', ({ type, ref }) => type === 'error' && ref === 'late');
      assert.equal(refused.event.code, 'chat_timed_out');
    });
    await eventuallyTo(async (tom) => {
      const { id, text } = await says(tom);
      await everywhere('ban', id, () => mona.act(text, 'Ban'), ({ type, action }) => type === 'moderation' && action === 'ban');
      await tom.until('the farewell', ({ type, code }) => type === 'bye' && code === 'chat_banned');
      const again = await SocketBot.connect(server, live.id, troll.key);
      await again.until('a closed door', ({ type, code }) => (type === 'bye' || type === 'error') && code === 'chat_banned');
      again.close();
    });
  }));

// Requirements: R191
test('a page that is loaded again shows what was said before and goes on', () =>
  explained(async () => {
    const before = await vera.ids();
    await vera.page.reload();
    await vera.open('channel');
    await studio.say('after the reload');
    await allHear('after the reload');
    const now = await vera.ids();
    assert.deepEqual(now.slice(0, -1), before, 'the same messages in the same order');
    assert.equal(new Set(now).size, now.length, 'none twice');
  }));

// Requirements: R187
test('people talk on the page of a stream that is not live', () =>
  explained(async () => {
    const here = new ChatPage(await visits.signedIn(VERA));
    const there = new ChatPage(await visits.signedIn(MONA));
    for (const { visit } of [here, there]) await watch(visit, quiet.name);
    for (const chat of [here, there]) await chat.open('socket');
    await here.say('is anybody there?');
    await there.shows('is anybody there?');
    await there.say('only me');
    await here.shows('only me');
    await here.visit.picture('chat-offline');
    assert.deepEqual(await here.ids(), await there.ids());
    await Promise.all([here.visit.close(), there.visit.close()]);
  }));

// Requirements: R188, R203
test('a held message is seen by its author alone until a moderator lets it through', () =>
  explained(async () => {
    const held = async (text: string): Promise<string> => {
      await vera.say(text);
      await vera.page.getByText('Waits for a moderator').first().waitFor();
      const list = await admin.call<{ items: { id: string; text: string }[] }>('GET', `/streams/${live.id}/chat/held`);
      const item = list.items.find((found) => found.text === text);
      assert.ok(item, `"${text}" is held: ${JSON.stringify(list)}`);
      return item.id;
    };
    const good = await held('my photographs are at https://example.org/photographs');
    await sleep(300);
    for (const [name, member] of Object.entries(everybody)) assert.ok(!(await member.ids()).includes(good), `${name} does not see it`);
    await admin.call('POST', `/streams/${live.id}/chat/held/${good}/approve`);
    await allHear('my photographs are at');
    const bad = await held('win a boat at https://example.com/boats');
    await admin.call('POST', `/streams/${live.id}/chat/held/${bad}/deny`);
    await vera.page.getByText('A moderator did not let this through').waitFor();
    await studio.say('the next one');
    await allHear('the next one');
    for (const [name, member] of Object.entries(everybody)) assert.ok(!(await member.ids()).includes(bad), `${name} does not see it`);
  }));

test('rubbish on a data channel is answered or dropped, and disturbs nobody', () =>
  explained(async () => {
    const page = await chromium.newPage(pages.url);
    await page.make('chatter', 'rude', { url: `${server.http}/whep/${live.name}` });
    const told = await page.call<string[]>('rude', 'misbehave');
    tell('rubbish', { answers: told });
    for (const code of ['malformed_json', 'body_too_large', 'rate_limited']) assert.ok(told.includes(code), `${code} is among ${told.join(', ')}`);
    await watchesPictures(vera.visit);
    await nody.say('still here');
    await allHear('still here');
    await page.close();
  }));

// Requirements: R191
test('a viewer whose network was cut comes back without a lost message', () =>
  explained(async () => {
    const proxy = await UdpProxy.start(server.udpPort);
    const visit = await visits.visitor();
    await visit.context.route('**/whep/**', async (route) => {
      const response = await route.fetch();
      if (route.request().method() !== 'POST' || response.status() !== 201) return route.fulfill({ response });
      return route.fulfill({ response, body: throughProxy(await response.text(), proxy.port) });
    });
    await watch(visit, live.name);
    const cut = new ChatPage(visit);
    await cut.open('channel');
    await watchesPictures(visit);
    await nody.say('before the cut');
    await cut.shows('before the cut');
    const nothing = { loss: 1 };
    await Promise.all([proxy.toPeers(nothing), proxy.toServer(nothing), visit.context.setOffline(true)]);
    for (let number = 0; number < 8; number++) {
      nody.say(`meanwhile, ${number}`);
      await sleep(1_000);
    }
    assert.equal(await cut.page.getByRole('article').filter({ hasText: 'meanwhile, 7' }).count(), 0, 'it is cut off');
    await Promise.all([proxy.toPeers({}), proxy.toServer({}), visit.context.setOffline(false)]);
    const back = Date.now();
    await nody.say('after the cut');
    await cut.shows('after the cut', 30_000);
    tell('back after a cut', { ms: Date.now() - back });
    await mona.shows('after the cut');
    const [mine, theirs] = [await cut.ids(), await mona.ids()];
    const from = theirs.indexOf(mine[0] ?? '');
    assert.ok(from >= 0, 'they share a past');
    assert.deepEqual(mine, theirs.slice(from), 'nothing is missing and nothing is twice');
    await visit.close();
    await proxy.stop();
  }));
