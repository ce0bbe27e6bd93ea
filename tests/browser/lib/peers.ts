// Typed handles on peers that live in pages.

import type { Page } from './browser.ts';
import type { OutboundLayer, PublishOptions } from '../page/publisher.ts';
import type { HlsOptions, HlsReport } from '../page/hls.ts';
import type { LibraryOptions } from '../page/libraries.ts';
import type { JoinTimes, ViewerReport, WatchOptions } from '../page/viewer.ts';
import type { PictureReport } from '../page/gauge.ts';
import type { StateChange } from '../page/http.ts';

let made = 0;
const unique = (kind: string): string => `${kind}-${++made}`;

export class PublisherHandle {
  readonly #page: Page;
  readonly #name = unique('publisher');

  private constructor(page: Page) {
    this.#page = page;
  }

  static async start(page: Page, options: PublishOptions): Promise<PublisherHandle> {
    const handle = new PublisherHandle(page);
    await page.make('publisher', handle.#name, options);
    return handle;
  }

  layers = (): Promise<OutboundLayer[]> => this.#page.call(this.#name, 'layers');
  states = (): Promise<StateChange[]> => this.#page.call(this.#name, 'states');
  setActive = (rid: string, active: boolean): Promise<void> => this.#page.call(this.#name, 'setActive', rid, active);
  stop = (): Promise<number> => this.#page.call(this.#name, 'stop');
}

/** What every kind of viewer can tell of its picture. */
abstract class PictureHandle {
  protected abstract call<T>(method: string, ...args: unknown[]): Promise<T>;

  mark = (): Promise<void> => this.call('gauge.mark');
  reaches = (pictures: number, timeoutMs = 10_000): Promise<void> => this.call('gauge.reaches', pictures, timeoutMs);
  reachesHeight = (height: number, timeoutMs = 15_000): Promise<number> => this.call('gauge.reachesHeight', height, timeoutMs);
  fallsBelow = (height: number, timeoutMs = 10_000): Promise<number> => this.call('gauge.fallsBelow', height, timeoutMs);
}

export class ViewerHandle extends PictureHandle {
  readonly #page: Page;
  readonly #name = unique('viewer');

  private constructor(page: Page) {
    super();
    this.#page = page;
  }

  static async start(page: Page, options: WatchOptions): Promise<ViewerHandle> {
    const handle = new ViewerHandle(page);
    await page.make('viewer', handle.#name, options);
    return handle;
  }

  protected call<T>(method: string, ...args: unknown[]): Promise<T> {
    return this.#page.call(this.#name, method, ...args);
  }

  report = (): Promise<ViewerReport> => this.call('report');
  times = (): Promise<JoinTimes> => this.call('times');
  states = (): Promise<StateChange[]> => this.call('states');
  selectedLocal = (): Promise<string> => this.call('selectedLocal');
  selectedRemote = (): Promise<string> => this.call('selectedRemote');
  selectedProtocol = (): Promise<string> => this.call('selectedProtocol');
  restartIce = (): Promise<{ status: number; etag: string | null; previous: string | null }> => this.call('restartIce');
  location = (): Promise<string> => this.call('location');
  link = (): Promise<string | null> => this.call('link');
  stop = (): Promise<number> => this.call('stop');
}

export class LibraryViewerHandle extends PictureHandle {
  readonly #page: Page;
  readonly #name = unique('library-viewer');

  private constructor(page: Page) {
    super();
    this.#page = page;
  }

  static async start(page: Page, options: Omit<LibraryOptions, 'source'>): Promise<LibraryViewerHandle> {
    const handle = new LibraryViewerHandle(page);
    await page.make('libraryViewer', handle.#name, options);
    return handle;
  }

  protected call<T>(method: string, ...args: unknown[]): Promise<T> {
    return this.#page.call(this.#name, method, ...args);
  }

  report = (): Promise<PictureReport> => this.call('report');
  stop = (): Promise<void> => this.call('stop');
}

export class HlsPlayerHandle extends PictureHandle {
  readonly #page: Page;
  readonly #name = unique('hls-player');

  private constructor(page: Page) {
    super();
    this.#page = page;
  }

  static async start(page: Page, options: HlsOptions): Promise<HlsPlayerHandle> {
    const handle = new HlsPlayerHandle(page);
    await page.make('hlsPlayer', handle.#name, options);
    return handle;
  }

  protected call<T>(method: string, ...args: unknown[]): Promise<T> {
    return this.#page.call(this.#name, method, ...args);
  }

  report = (): Promise<HlsReport> => this.call('report');
  pin = (level: number): Promise<void> => this.call('pin', level);
  seek = (seconds: number): Promise<void> => this.call('seek', seconds);
  faster = (rate: number): Promise<void> => this.call('faster', rate);
  stop = (): Promise<void> => this.call('stop');
}

export class LibraryPublisherHandle {
  readonly #page: Page;
  readonly #name = unique('library-publisher');

  private constructor(page: Page) {
    this.#page = page;
  }

  static async start(page: Page, options: LibraryOptions): Promise<LibraryPublisherHandle> {
    const handle = new LibraryPublisherHandle(page);
    await page.make('libraryPublisher', handle.#name, options);
    return handle;
  }

  stop = (): Promise<void> => this.#page.call(this.#name, 'stop');
}

/** Two pages connected to each other without a server. */
export class DirectPair {
  readonly #receiving: Page;
  readonly #name = unique('direct');

  private constructor(receiving: Page) {
    this.#receiving = receiving;
  }

  static async start(
    sending: Page,
    receiving: Page,
    options: Pick<PublishOptions, 'source' | 'codec' | 'layers'>,
  ): Promise<DirectPair> {
    const pair = new DirectPair(receiving);
    await sending.make('directSender', pair.#name);
    await receiving.make('directReceiver', pair.#name);
    const offer = await sending.call<string>(pair.#name, 'offer', options);
    const answer = await receiving.call<string>(pair.#name, 'answer', offer);
    await sending.call(pair.#name, 'accept', answer);
    await receiving.call(pair.#name, 'gauge.reaches', 1, 10_000);
    return pair;
  }

  mark = (): Promise<void> => this.#receiving.call(this.#name, 'gauge.mark');
  reaches = (pictures: number, timeoutMs = 15_000): Promise<void> =>
    this.#receiving.call(this.#name, 'gauge.reaches', pictures, timeoutMs);
  report = (): Promise<PictureReport> => this.#receiving.call(this.#name, 'report');
}
