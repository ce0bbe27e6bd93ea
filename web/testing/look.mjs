// Pictures of every page at phone, tablet and desktop width in each theme, for looking at.
// Needs `npm run build`, the fake API and `npm run preview`; writes to the folder given.
import { mkdirSync } from 'node:fs';
import { chromium } from 'playwright-core';

const [folder = '/tmp/look', base = 'http://localhost:4173', only] = process.argv.slice(2);
mkdirSync(folder, { recursive: true });

const PAGES = {
  home: '/',
  choose: '/studio',
  browser: '/studio?with=browser&test=1&pattern=clock',
  encoder: '/studio?with=encoder',
  watch: '/watch/demo',
  unknown: '/watch/nobody',
  embed: '/embed/demo',
  lost: '/nothing/here',
};
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
for (const theme of THEMES) {
  for (const width of WIDTHS) {
    const context = await browser.newContext({
      viewport: { width, height: width < 600 ? 740 : 800 },
    });
    await context.addInitScript(
      ([chosen, spoken]) => {
        localStorage.setItem('sluice.theme', chosen);
        localStorage.setItem('sluice.language', spoken);
      },
      [theme, language],
    );
    const page = await context.newPage();
    for (const [name, path] of Object.entries(PAGES)) {
      if (only !== undefined && !only.split(',').includes(name)) continue;
      await page.goto(base + path);
      await page.waitForTimeout(700);
      await page.screenshot({ path: `${folder}/${name}-${theme}-${width}.png`, fullPage: true });
    }
    await context.close();
  }
}
await browser.close();
