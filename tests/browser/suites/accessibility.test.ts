// Every page of the product, by axe-core in a real browser: both themes, a phone and a desktop.

import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';

import { settled, violations } from '../lib/axe.ts';
import { Api, join, person, setUp } from '../lib/people.ts';
import { MailServer } from '../lib/mail.ts';
import { Server } from '../lib/server.ts';
import { Visits, type Theme, type Visit } from '../lib/visits.ts';

const ADMIN = person('ada', 'Ada Lovelace');
const VIEWER = person('vera', 'Vera Rubin');

const THEMES: Theme[] = ['dark', 'light'];
const WIDTHS = [360, 1280];

const FRESH_PAGES = ['/'];
const STRANGERS_PAGES = [
  '/',
  '/search?q=harbour',
  '/search?q=nothing-of-the-kind',
  '/category/games',
  '/@ada',
  '/watch/harbour',
  '/watch/backstage',
  '/watch/circle',
  '/watch/nobody',
  '/studio?stream=harbour',
  '/sign-in',
  '/sign-in?next=%2Fstudio',
  '/sign-up',
  '/forgot-password',
  '/reset-password',
  '/verify-email#token=used',
  '/reset-password#token=used',
  '/doctor',
  '/doctor?for=watch',
  '/embed/v/nothing',
  '/nothing/here',
];
const MEMBERS_PAGES = [
  '/settings',
  '/settings/account',
  '/settings/security',
  '/settings/api-keys',
  '/settings/preferences',
  '/settings/privacy',
  '/settings/activity',
  '/library/history',
  '/library/saved',
  '/library/favorites',
  '/studio',
];
const VIEWERS_PAGES = ['/admin', '/studio'];
const OPERATORS_PAGES = [
  '/studio?new',
  '/studio/harbour',
  '/studio/harbour/live?with=browser',
  '/studio/harbour/live?with=encoder',
  '/studio/harbour/keys',
  '/studio/harbour/details',
  '/studio/harbour/recordings',
  '/studio/harbour/broadcasts',
  '/admin',
  '/admin/users',
  '/admin/users/ID',
  '/admin/streams',
  '/admin/recordings',
  '/admin/reports',
  '/admin/categories',
  '/admin/audit',
  '/admin/mails',
  '/admin/settings',
  '/admin/diagnostics',
];

let mails: MailServer;
let server: Server;
let fresh: Server;
let visits: Visits;
let freshVisits: Visits;
let accountId: string;
before(async () => {
  mails = await MailServer.start();
  [server, fresh] = await Promise.all([Server.start({ fresh: true, sections: mails.configuration }), Server.start({ fresh: true })]);
  const admin = await setUp(server.http, ADMIN);
  await fill(admin);
  await join(server.http, mails, VIEWER);
  accountId = (await admin.call<{ id: string }>('GET', '/me')).id;
  [visits, freshVisits] = await Promise.all([Visits.open(server.http), Visits.open(fresh.http)]);
});
after(async () => {
  await visits?.close();
  await freshVisits?.close();
  await Promise.all([server?.stop(), fresh?.stop()]);
  await mails?.close();
});

// Requirements: R45, R396, R397
test('axe finds nothing to complain about on any page', async () => {
  const found: string[] = [];
  const pages = new Set<string>();
  for (const theme of THEMES) {
    for (const width of WIDTHS) {
      const look = { theme, width };
      const groups: [string, Visit, string[]][] = [
        ['set-up', await freshVisits.visitor(look), FRESH_PAGES],
        ['stranger', await visits.visitor(look), STRANGERS_PAGES],
        ['viewer', await visits.signedIn(VIEWER, look), VIEWERS_PAGES],
        ['admin', await visits.signedIn(ADMIN, look), OPERATORS_PAGES],
        ['admin', await visits.signedIn(ADMIN, look), MEMBERS_PAGES],
      ];
      await Promise.all(
        groups.map(async ([who, visit, paths]) => {
          for (const path of paths) {
            pages.add(`${who} ${path}`);
            const wrong = await lookAt(visit, path);
            for (const line of wrong) process.stderr.write(`    ${who} ${path} ${theme} ${width}: ${line}\n`);
            found.push(...wrong);
          }
          await visit.close();
        }),
      );
    }
  }
  const sizes = `${pages.size} pages x ${THEMES.length} themes x ${WIDTHS.length} widths`;
  process.stderr.write(`    axe: ${sizes}, ${found.length} violations\n`);
  assert.deepEqual(found, []);
});

test('who wants less motion sees nothing between two states', async () => {
  const visit = await visits.visitor();
  await visit.page.goto('/sign-in');
  await settled(visit.page);
  const button = visit.page.locator('button[type=submit]').first();
  const seen = await button.evaluate((element: HTMLButtonElement) =>
    [!element.disabled, element.disabled].map((disabled) => {
      element.disabled = disabled;
      return { colour: getComputedStyle(element).backgroundColor, moving: element.getAnimations().length };
    }),
  );
  assert.notEqual(seen[0]?.colour, seen[1]?.colour, 'it shows whether it can be pressed');
  assert.deepEqual(seen.map(({ moving }) => moving), [0, 0]);
  await visit.close();
});

async function lookAt(visit: Visit, path: string): Promise<string[]> {
  const { page } = visit;
  await page.goto(path.replace('ID', accountId));
  await settled(page);
  await visit.picture(path.replaceAll(/\W+/g, '_'));
  return violations(page);
}

/** Something to see on each page. */
async function fill(admin: Api): Promise<void> {
  await admin.createStream({ name: 'harbour', title: 'Harbour at night' });
  await admin.createStream({ name: 'backstage', title: 'Backstage', access: 'password', password: 'Open-Sesame-7' });
  await admin.createStream({ name: 'circle', title: 'The inner circle', access: 'followers' });
  await admin.call('POST', '/me/api-keys', { name: 'Stream deck', scopes: ['read:streams'] });
}
