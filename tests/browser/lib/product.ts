// The product's own pages, seen through the hooks of `?test=1` (web/README.md).

import { setTimeout as sleep } from 'node:timers/promises';

import type { Browser, Page } from './browser.ts';
import { KEY, STREAM, type Server } from './server.ts';

/** The part of the player's hook that tests read. */
export interface ViewerProbe {
  role: 'viewer';
  state: string;
  problem: string | null;
  sessions: number;
  joinMs: number | null;
  framesPresented: number;
  freezes: { count: number; longestMs: number };
  width: number;
  height: number;
  audioEnergy: number;
  latency: { ms: number; estimated: boolean } | null;
  digest: { transport: { pair: string | null; relayed: boolean } } | null;
  clockOffset: number | null;
  viewers: number | null;
  /** Which way the picture comes. */
  route: 'direct' | 'hls' | null;
  timecode: { unreadable: number; samples: { at: number; truth: number; measured: number | null }[] };
}

/** The part of the studio's hook that tests read. */
export interface PublisherProbe {
  role: 'publisher';
  state: string;
  problem: string | null;
  viewers: number | null;
  layers: { rid?: string; height?: number; active: boolean }[];
}

/** Where the pages are: a server, or one of its addresses. */
export type Site = Pick<Server, 'http'>;

/** What the studio is to publish. */
export interface StudioOptions {
  codec: 'h264' | 'vp8' | 'vp9' | 'av1';
  height: number;
  layers: number;
}

/** A page of the product. */
export class ProductPage<Probe> {
  readonly page: Page;

  constructor(page: Page) {
    this.page = page;
  }

  /** The hook's numbers now, or null while the page has none. */
  probe = (): Promise<Probe | null> => this.page.read<Probe | null>('window.__sluice ? JSON.parse(JSON.stringify(window.__sluice)) : null');

  /** Waits until the hook's numbers fit. */
  async until(what: string, wanted: (probe: Probe) => boolean, timeoutMs = 15_000): Promise<Probe> {
    const deadline = Date.now() + timeoutMs;
    for (;;) {
      const probe = await this.probe();
      if (probe !== null && wanted(probe)) return probe;
      if (Date.now() > deadline) {
        const text = await this.page.read<string>('document.body.innerText');
        throw new Error(`waited ${timeoutMs} ms for ${what}; ${JSON.stringify(probe)?.slice(0, 600)}\n${text.slice(0, 400)}`);
      }
      await sleep(50);
    }
  }

  close = (): Promise<void> => this.page.close();
}

/** Opens the studio, which goes live with a time code by itself. */
export async function openStudio(browser: Browser, server: Site, options: StudioOptions): Promise<ProductPage<PublisherProbe>> {
  return new ProductPage(await browser.newPage(`${server.http}${studioPath(options)}`));
}

/** Where the studio goes live by itself. */
export function studioPath({ codec, height, layers }: StudioOptions): string {
  const query = new URLSearchParams({
    test: '1',
    autostart: '1',
    pattern: 'timecode',
    stream: STREAM,
    w: String((height * 16) / 9),
    h: String(height),
    fps: '30',
    codec,
    layers: String(layers),
  });
  return `/studio?${query.toString()}#key=${KEY}`;
}

/** Opens the player of a stream, on the page for people or the one for other people's pages. */
export async function openPlayer(
  browser: Browser,
  server: Site,
  page: 'watch' | 'embed',
  stream = STREAM,
): Promise<ProductPage<ViewerProbe>> {
  return new ProductPage(await browser.newPage(`${server.http}/${page}/${stream}?test=1&autoplay=1&muted=1`));
}
