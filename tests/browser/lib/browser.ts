// Real browsers behind one small interface: pages that can be opened, called and closed.

import { chromium, type Browser as PlaywrightBrowser, type Page as PlaywrightPage } from 'playwright-core';
import puppeteer, { type Page as PuppeteerPage } from 'puppeteer-core';

import { Late, type Outcome } from '../page/late.ts';
import type { E2e } from '../page/main.ts';

const CHROMIUM = process.env['SLUICE_CHROMIUM'] ?? '/usr/bin/chromium';
const FIREFOX = process.env['SLUICE_FIREFOX'] ?? '/usr/bin/firefox-esr';

const CHROMIUM_ARGS = [
  '--no-sandbox',
  '--disable-gpu',
  '--disable-quic',
  '--no-first-run',
  '--disable-background-networking',
  '--disable-component-update',
  '--disable-sync',
  '--use-fake-ui-for-media-stream',
  '--use-fake-device-for-media-stream=fps=30',
  '--autoplay-policy=no-user-gesture-required',
  '--disable-background-timer-throttling',
  '--disable-renderer-backgrounding',
  '--disable-backgrounding-occluded-windows',
  // The server listens on loopback in these tests.
  '--allow-loopback-in-peer-connection',
];

const FIREFOX_PREFS = {
  'media.navigator.streams.fake': true,
  'media.navigator.permission.disabled': true,
  'media.peerconnection.ice.obfuscate_host_addresses': false,
  'media.peerconnection.ice.loopback': true,
  'media.autoplay.default': 0,
  'media.autoplay.blocking_policy': 0,
  // No downloads of plug-ins behind the test's back.
  'media.gmp-manager.updateEnabled': false,
  'media.gmp-provider.enabled': false,
  'app.update.disabledForTesting': true,
  // Timers and frames of pages that are not in front go on.
  'dom.min_background_timeout_value': 4,
  'dom.timeout.enable_budget_timer_throttling': false,
};

/** A page with the test code of `page/` loaded. */
export interface Page {
  /** Makes a peer of that kind and keeps it in the page under `name`. */
  make(kind: Parameters<E2e['make']>[0], name: string, options?: object): Promise<void>;
  /** Calls a method of the peer `name` (dots descend into its members); fails with [`Late`] where that did. */
  call<T>(name: string, method: string, ...args: unknown[]): Promise<T>;
  /** The value of an expression in the page. */
  read<T>(expression: string): Promise<T>;
  reload(): Promise<void>;
  close(): Promise<void>;
}

export interface Browser {
  name: 'chromium' | 'firefox';
  newPage(url: string): Promise<Page>;
  close(): Promise<void>;
}

/** What the page's console and its uncaught errors said, for a failing test. */
const consoleLines: string[] = [];
export const pageConsole = (): string[] => consoleLines.splice(0);
/** Keeps a line of a page's console. */
export const note = (line: string): void => {
  consoleLines.push(line);
  if (process.env['SLUICE_E2E_VERBOSE'] !== undefined) process.stderr.write(`  page: ${line}\n`);
};

/** Chromium with fake devices. */
export const startChromium = (extraArgs: string[] = []): Promise<PlaywrightBrowser> =>
  chromium.launch({ executablePath: CHROMIUM, headless: true, args: [...CHROMIUM_ARGS, ...extraArgs] });

/**
 * Starts Chromium with fake devices. Each page gets a context of its own and thereby a window of its
 * own: a tab behind another one draws once a second only.
 */
export async function launchChromium(extraArgs: string[] = []): Promise<Browser> {
  const browser = await startChromium(extraArgs);
  return {
    name: 'chromium',
    async newPage(url) {
      const context = await browser.newContext({
        viewport: { width: 800, height: 600 },
        permissions: ['camera', 'microphone'],
      });
      const page = await context.newPage();
      page.on('console', (message) => note(`${message.type()}: ${message.text()}`));
      page.on('pageerror', (error) => note(`uncaught: ${error.message}`));
      await page.goto(url);
      return { ...pageOver(page, url), close: () => context.close() };
    },
    close: () => browser.close(),
  };
}

/** Starts Firefox over WebDriver BiDi with fake devices. */
export async function launchFirefox(): Promise<Browser> {
  const browser = await puppeteer.launch({
    browser: 'firefox',
    executablePath: FIREFOX,
    headless: true,
    extraPrefsFirefox: FIREFOX_PREFS,
  });
  return {
    name: 'firefox',
    async newPage(url) {
      const page = await browser.newPage();
      page.on('console', (message) => note(`${message.type()}: ${message.text()}`));
      page.on('pageerror', (error) => note(`uncaught: ${String(error)}`));
      await page.goto(url);
      return pageOver(page, url);
    },
    close: () => browser.close(),
  };
}

/** Playwright and puppeteer agree on `evaluate`, `goto` and `close`; more is not used. */
function pageOver(page: PlaywrightPage | PuppeteerPage, url: string): Page {
  const evaluate = (method: 'make' | 'call', args: unknown[]): Promise<unknown> => {
    const run = ([name, inner]: [string, unknown[]]): Promise<unknown> =>
      (window as unknown as { e2e: Record<string, (...args: unknown[]) => Promise<unknown>> }).e2e[name]?.(...inner) ??
      Promise.reject(new Error('the test page is not loaded'));
    return isPlaywright(page)
      ? page.evaluate(run, [method, args] as [string, unknown[]])
      : page.evaluate(run, [method, args] as [string, unknown[]]);
  };
  return {
    make: async (kind, name, options = {}) => void (await evaluate('make', [kind, name, options])),
    call: async <T>(name: string, method: string, ...args: unknown[]) => {
      const outcome = (await evaluate('call', [name, method, args])) as Outcome;
      if ('late' in outcome) throw new Late(outcome.late);
      return outcome.value as T;
    },
    read: async <T>(expression: string) =>
      (isPlaywright(page) ? await page.evaluate(expression) : await page.evaluate(expression)) as T,
    reload: async () => void (await page.goto(url)),
    close: () => page.close(),
  };
}

const isPlaywright = (page: PlaywrightPage | PuppeteerPage): page is PlaywrightPage => 'context' in page;
