// Joining a stream that goes live about now.

import { setTimeout as sleep } from 'node:timers/promises';

import type { Page } from './browser.ts';
import { ViewerHandle } from './peers.ts';
import type { WatchOptions } from '../page/viewer.ts';

/** How long an encoder may take from its start to its first packet. */
const LIVE_TIMEOUT_MS = 10_000;

/** Joins as soon as the stream is live: 409 means "not yet", as its Retry-After says. */
export async function joinWhenLive(page: Page, options: WatchOptions): Promise<ViewerHandle> {
  const until = Date.now() + LIVE_TIMEOUT_MS;
  for (;;) {
    try {
      return await ViewerHandle.start(page, options);
    } catch (error) {
      if (Date.now() > until || !String(error).includes(': 409')) throw error;
      await sleep(100);
    }
  }
}
