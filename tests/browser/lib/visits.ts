// People at the product's pages: each visit is a browser profile of its own, used as a person uses it.

import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';

import type { Browser, BrowserContext, Page } from 'playwright-core';

import { note, startChromium } from './browser.ts';
import type { Person } from './people.ts';

export type Theme = 'dark' | 'light';

export interface Look {
  theme: Theme;
  width: number;
}

/** Longest for anything on a page: the machine may compile at the same time. */
const PATIENCE_MS = 15_000;

const HEIGHT = 800;

/** Where pictures of the pages go, for looking at; nowhere without this variable. */
const PICTURES = process.env['SLUICE_PICTURES'];

/** A browser in which several people are at work. */
export class Visits {
  readonly #browser: Browser;
  readonly #base: string;

  private constructor(browser: Browser, base: string) {
    this.#browser = browser;
    this.#base = base;
  }

  static async open(base: string): Promise<Visits> {
    return new Visits(await startChromium(), base);
  }

  /** Somebody new, with no cookies. */
  async visitor(look: Look = { theme: 'dark', width: 1280 }): Promise<Visit> {
    const context = await this.#browser.newContext({
      baseURL: this.#base,
      viewport: { width: look.width, height: HEIGHT },
      permissions: ['camera', 'microphone'],
      reducedMotion: 'reduce',
      // Accounts look like the system until somebody chooses.
      colorScheme: look.theme,
      locale: 'en',
    });
    context.setDefaultTimeout(PATIENCE_MS);
    await context.addInitScript((theme) => localStorage.setItem('sluice.theme', theme), look.theme);
    return new Visit(context, await tab(context), look);
  }

  /** Somebody who signs in at the door. */
  async signedIn(who: Person, look?: Look): Promise<Visit> {
    const visit = await this.visitor(look);
    await visit.page.goto('/sign-in');
    await visit.signIn(who);
    await visit.known(who);
    return visit;
  }

  close = (): Promise<void> => this.#browser.close();
}

export class Visit {
  readonly context: BrowserContext;
  readonly page: Page;
  readonly look: Look;

  constructor(context: BrowserContext, page: Page, look: Look) {
    this.context = context;
    this.page = page;
    this.look = look;
  }

  /** One more tab of the same profile. */
  anotherTab = (): Promise<Page> => tab(this.context);

  /** Fills in the form of the door. */
  async signIn({ email, password }: Pick<Person, 'email' | 'password'>): Promise<void> {
    await this.page.getByLabel('Email', { exact: true }).fill(email);
    await this.page.getByLabel('Password', { exact: true }).fill(password);
    await this.page.locator('main').getByRole('button', { name: 'Sign in' }).click();
  }

  /** Waits until the page knows who is here. */
  known = ({ name }: Person, page = this.page): Promise<void> =>
    page.getByRole('button', { name: `Account of ${name}` }).waitFor();

  /** Waits until the page takes whoever is here for a stranger. */
  unknown = (page = this.page): Promise<void> => page.locator('header').getByRole('link', { name: 'Sign in' }).waitFor();

  async signOut({ name }: Person): Promise<void> {
    await this.page.getByRole('button', { name: `Account of ${name}` }).click();
    await this.page.getByRole('menuitem', { name: 'Sign out' }).click();
  }

  /** Waits for a text on the page. */
  says = (text: string | RegExp, page = this.page): Promise<void> => page.getByText(text).first().waitFor();

  /** The refresh token of this profile. */
  async refreshToken(): Promise<string> {
    const cookies = await this.context.cookies();
    return cookies.find(({ name }) => name === 'sluice_refresh')?.value ?? '';
  }

  /** Takes a picture where they are wanted. */
  async picture(name: string): Promise<void> {
    if (PICTURES === undefined || PICTURES === '') return;
    mkdirSync(PICTURES, { recursive: true });
    const { theme, width } = this.look;
    await this.page.screenshot({ path: join(PICTURES, `${name}-${theme}-${width}.png`) });
  }

  close = (): Promise<void> => this.context.close();
}

async function tab(context: BrowserContext): Promise<Page> {
  const page = await context.newPage();
  page.on('console', (message) => note(`${message.type()}: ${message.text()}`));
  page.on('pageerror', (error) => note(`uncaught: ${error.message}`));
  return page;
}

/** Opens the player of a stream in a visit. */
export async function watch(visit: Visit, stream: string): Promise<void> {
  await visit.page.goto(`/watch/${stream}?test=1&autoplay=1&muted=1`);
}

/** Waits until the player has shown that many pictures more. */
export async function watchesPictures({ page }: Visit, pictures = 30): Promise<void> {
  const presented = 'window.__sluice?.framesPresented ?? 0';
  const before = await page.evaluate<number>(presented);
  await until(page, `(${presented}) >= ${before + pictures}`);
}

/** Waits until the player is in one of the states. */
export const playerIs = ({ page }: Visit, ...states: string[]): Promise<void> =>
  until(page, `${JSON.stringify(states)}.includes(window.__sluice?.state)`);

/**
 * Waits until an expression is true in the page. It is evaluated by the browser's debugger: the
 * content security policy of the product forbids what Playwright has for this.
 */
export async function until(page: Page, expression: string, patienceMs = PATIENCE_MS): Promise<void> {
  const deadline = Date.now() + patienceMs;
  while (!(await page.evaluate<boolean>(expression))) {
    if (Date.now() > deadline) {
      const text = await page.evaluate<string>('document.body.innerText');
      throw new Error(`waited ${patienceMs} ms at ${page.url()} for ${expression}\n${text.slice(0, 400)}`);
    }
    await sleep(50);
  }
}
