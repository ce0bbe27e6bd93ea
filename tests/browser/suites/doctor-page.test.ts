// The connection doctor at its page: a real browser measures the way to a real server.

import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';

import { settled, violations } from '../lib/axe.ts';
import { tell } from '../lib/report.ts';
import { Server } from '../lib/server.ts';
import { until, Visits, type Visit } from '../lib/visits.ts';

/** Longer than any examination: seven seconds for a way that is closed, ten for the line. */
const LONGEST_MS = 60_000;

let server: Server;
let visits: Visits;
before(async () => {
  server = await Server.start();
  visits = await Visits.open(server.http);
});
after(async () => {
  await visits?.close();
  await server?.stop();
});

/** What the page says of each step, once it is through with all of them. */
async function examined({ page }: Visit): Promise<Record<string, string>> {
  await page.getByRole('button', { name: 'Check again' }).waitFor({ timeout: LONGEST_MS });
  const rows = page.getByRole('region', { name: 'What was measured' }).getByRole('listitem');
  const texts = await rows.evaluateAll((items) => items.map((item) => [...item.querySelectorAll('span')].map((span) => span.textContent)));
  const results = Object.fromEntries(texts.map(([name, result]) => [name ?? '', result ?? '']));
  tell('doctor', results);
  return results;
}

test('an open network is found to be one, and everything about it is measured', async () => {
  const visit = await visits.visitor();
  const { page } = visit;
  await page.goto('/doctor?for=watch');
  const results = await examined(visit);
  assert.match(results['The server answers'] ?? '', /ms · HTTP/);
  assert.equal(results['Chat and notices (WebSocket)'], 'works');
  assert.match(results['Direct, over UDP'] ?? '', /^works · [\d.]+ ms$/);
  assert.match(results['Loss and delay'] ?? '', /^[\d.]+ % lost · [\d.]+ ms · ± [\d.]+ ms$/);
  assert.match(results['Down'] ?? '', /Mbit\/s$/);
  assert.match(results['Up'] ?? '', /Mbit\/s$/);
  assert.match(results['This browser shows'] ?? '', /VP8/);
  await visit.says('Live pictures take the direct way, with the least delay.');
  const worst = await page.getByText('Has to be mended').count();
  assert.equal(worst, 0, await page.locator('main').innerText());
  await settled(page);
  assert.deepEqual(await violations(page), []);
  await visit.close();
});

test('a server that went away is said to be away, with what to do', async () => {
  const visit = await visits.visitor({ theme: 'light', width: 360 });
  const { page } = visit;
  await page.goto('/doctor');
  await page.getByRole('button', { name: 'Start the check' }).waitFor();
  await page.route('**/doctor/**', (route) => route.abort());
  await page.getByRole('button', { name: 'Start the check' }).click();
  await visit.says('Nothing gets through to the server.');
  await page.getByRole('heading', { name: 'The server does not answer' }).waitFor();
  await until(page, `document.documentElement.scrollWidth <= innerWidth`);
  await settled(page);
  assert.deepEqual(await violations(page), []);
  await visit.close();
});
