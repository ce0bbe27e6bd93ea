// A fresh server: from the first visit to a picture that somebody else watches.

import assert from 'node:assert/strict';
import { test } from 'node:test';

import { person } from '../lib/people.ts';
import { tell } from '../lib/report.ts';
import { Server } from '../lib/server.ts';
import { Visits, watch, watchesPictures, type Look, type Visit } from '../lib/visits.ts';

/** What a new user is promised. */
const LIMIT_MS = 120_000;

const ADA = person('ada', 'Ada Lovelace');

const LOOKS: Look[] = [
  { theme: 'dark', width: 1280 },
  { theme: 'light', width: 360 },
];

for (const look of LOOKS) {
  // Requirements: R32, R75, R77
  test(`somebody new is live within two minutes of the first visit (${look.theme}, ${look.width} px)`, async () => {
    const server = await Server.start({ fresh: true });
    const visits = await Visits.open(server.http);
    try {
      await goesLive(visits, look);
    } catch (error) {
      process.stderr.write(`--- server ---\n${server.output.slice(-4_000)}\n`);
      throw error;
    } finally {
      await visits.close();
      await server.stop();
    }
  });
}

async function goesLive(visits: Visits, look: Look): Promise<void> {
  const started = Date.now();
  const owner = await visits.visitor(look);
  await owner.page.goto('/');
  await setsUp(owner);
  const setUpMs = Date.now() - started;
  await publishes(owner);

  const stranger = await visits.visitor(look);
  await stranger.page.goto('/');
  await stranger.page.locator('main').getByRole('link', { name: 'Harbour at night' }).first().waitFor();
  await stranger.picture('home-live');
  await watch(stranger, 'harbour-at-night');
  await watchesPictures(stranger);
  const totalMs = Date.now() - started;
  await stranger.picture('watch-live');
  await owner.picture('studio-live');
  tell('first visit -> watched', { setUpMs, totalMs, width: look.width, theme: look.theme });
  assert.ok(totalMs < LIMIT_MS, `it took ${totalMs} ms`);
}

async function setsUp(owner: Visit): Promise<void> {
  const { page } = owner;
  await page.getByRole('heading', { name: 'Set up this server' }).waitFor();
  await page.getByLabel('Your name').fill(ADA.name);
  assert.equal(await page.getByLabel('Handle').inputValue(), 'ada-lovelace');
  await page.getByLabel('Handle').fill(ADA.handle);
  await page.getByLabel('Email').fill(ADA.email);
  await page.getByLabel('Password', { exact: true }).fill(ADA.password);
  await owner.picture('setup-account');
  await page.getByRole('button', { name: 'Continue' }).click();
  await page.getByLabel('Name of the server').fill('Harbour TV');
  await owner.picture('setup-server');
  await page.getByRole('button', { name: 'Continue' }).click();
  await page.getByText('It speaks WebRTC and H264').waitFor();
  await owner.picture('setup-connection');
  await page.getByRole('button', { name: 'Finish' }).click();
  await page.getByRole('heading', { name: 'It is yours' }).waitFor();
  await owner.picture('setup-done');
}

async function publishes(owner: Visit): Promise<void> {
  const { page } = owner;
  await page.getByRole('link', { name: 'Go live now' }).click();
  await owner.picture('studio-empty');
  await page.getByRole('button', { name: 'New stream' }).click();
  await page.getByLabel('Title').fill('Harbour at night');
  await owner.picture('studio-new');
  await page.getByRole('button', { name: 'Create stream' }).click();
  await page.getByRole('button', { name: 'Use this browser' }).click();
  await owner.picture('studio-browser');
  await page.getByRole('button', { name: 'Go live' }).click();
  await page.getByText('You are live').waitFor({ state: 'attached' });
}
