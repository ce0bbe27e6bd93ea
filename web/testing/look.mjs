// Pictures of every page at phone, tablet and desktop width in each theme, for looking at.
// Needs `npm run build`, the fake API and `npm run preview`; writes to the folder given.
import { mkdirSync } from 'node:fs';
import { chromium } from 'playwright-core';

const [folder = '/tmp/look', base = 'http://localhost:4173', only] = process.argv.slice(2);
mkdirSync(folder, { recursive: true });

/** What strangers see, and what whoever is signed in sees. */
const PAGES = {
  home: '/',
  search: '/search?q=harbour',
  category: '/category/chess',
  channel: '/@mira',
  watch: '/watch/demo',
  offAir: '/watch/off',
  byHls: '/watch/demo?route=hls',
  recording: '/v/tour?t=30',
  unready: '/v/running',
  broken: '/v/broken',
  gone: '/v/nothing',
  password: '/watch/backstage',
  adults: '/watch/night',
  unknown: '/watch/nobody',
  guest: '/studio?stream=demo',
  embed: '/embed/demo',
  lost: '/nothing/here',
};
const OWN_PAGES = {
  followed: '/',
  premium: '/watch/masterclass',
  history: '/library/history',
  saved: '/library/saved',
  streams: '/studio',
  create: '/studio?new',
  choose: '/studio/ada',
  browser: '/studio/ada/live?with=browser&test=1&pattern=clock',
  encoder: '/studio/ada/live?with=encoder',
  keys: '/studio/ada/keys',
  details: '/studio/ada/details',
  recordings: '/studio/ada/recordings',
  editor: '/studio/ada/recordings?edit=notes',
  broadcasts: '/studio/ada/broadcasts',
  onAir: '/studio/ada-lab',
};
/** Pages that play need a moment more. */
const WAITS = { byHls: 4000, recording: 3500, home: 1200 };
const WIDTHS = [360, 768, 1280];
const THEMES = (process.env.THEMES ?? 'dark,light').split(',');
const language = process.env.LANGUAGE_CODE ?? 'en';

const browser = await chromium.launch({
  executablePath: '/usr/bin/chromium',
  args: [
    '--no-sandbox',
    '--disable-gpu',
    '--use-fake-ui-for-media-stream',
    '--use-fake-device-for-media-stream=fps=30',
  ],
});

async function look(pages, theme, width, signedIn) {
  const context = await browser.newContext({
    viewport: { width, height: width < 600 ? 740 : 800 },
  });
  await context.addInitScript(
    ([chosen, spoken, hint]) => {
      localStorage.setItem('sluice.theme', chosen);
      localStorage.setItem('sluice.language', spoken);
      if (hint) localStorage.setItem('sluice.session', 'yes');
    },
    [theme, language, signedIn],
  );
  const page = await context.newPage();
  for (const [name, path] of Object.entries(pages)) {
    if (only !== undefined && !only.split(',').includes(name)) continue;
    await page.goto(base + path);
    await page.waitForTimeout(WAITS[name] ?? 700);
    await page.screenshot({ path: `${folder}/${name}-${theme}-${width}.png`, fullPage: true });
  }
  await context.close();
}

for (const theme of THEMES) {
  for (const width of WIDTHS) {
    await look(PAGES, theme, width, false);
    await look(OWN_PAGES, theme, width, true);
  }
}
await browser.close();
