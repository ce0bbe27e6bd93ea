// axe-core in a page of a real browser, where colours, sizes and focus are what people get.

import assert from 'node:assert/strict';
import { readFile } from 'node:fs/promises';
import { createRequire } from 'node:module';

import type { AxeResults } from 'axe-core';
import type { Page } from 'playwright-core';

import { until } from './visits.ts';

const SOURCE = createRequire(import.meta.url).resolve('axe-core/axe.min.js');

let source: string | undefined;

/** What is wrong with the page as it is now, a line each. */
export async function violations(page: Page): Promise<string[]> {
  source ??= await readFile(SOURCE, 'utf8');
  // Evaluated by the browser's debugger, which the page's content security policy does not bind.
  const loaded = await page.evaluate('typeof axe === "object"');
  if (loaded !== true) await page.evaluate(source);
  const results = await page.evaluate<AxeResults>(
    `axe.run(document, { resultTypes: ['violations'], runOnly: ['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa', 'wcag22aa', 'best-practice'] })`,
  );
  assert.ok(results.passes.length > 5, `axe saw next to nothing at ${page.url()}`);
  return results.violations.flatMap(({ id, nodes }) =>
    nodes.map(({ target, failureSummary = '' }) => `${id}: ${target.join(' ')}: ${failureSummary.replaceAll(/\s+/g, ' ')}`),
  );
}

/** Waits until the page has loaded what it shows and stands still. */
export async function settled(page: Page): Promise<void> {
  await page.waitForLoadState('load');
  await page.locator('main h1').first().waitFor();
  // Placeholders of what is being loaded tell so by this name.
  await until(page, `document.querySelector('[aria-label="Loading"], main [aria-busy="true"]') === null`);
  await page.evaluate(async () => {
    await document.fonts.ready;
    for (const animation of document.getAnimations()) {
      if (animation.effect?.getTiming().iterations !== Infinity) animation.finish();
    }
  });
}
