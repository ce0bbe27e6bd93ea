// What every suite needs: test pages on an origin of their own, a browser, a server.

import assert from 'node:assert/strict';

import { launchChromium, pageConsole, type Browser, type Page } from './browser.ts';
import { servePages, type Pages } from './pages.ts';
import { tell } from './report.ts';
import { Server } from './server.ts';
import type { ViewerHandle } from './peers.ts';
import { Late } from '../page/late.ts';
import type { ViewerReport } from '../page/viewer.ts';

export class Stage {
  readonly pages: Pages;
  readonly chromium: Browser;
  readonly server: Server;

  private constructor(pages: Pages, chromium: Browser, server: Server) {
    this.pages = pages;
    this.chromium = chromium;
    this.server = server;
  }

  /** Opens everything; `media` is appended to that section of the server's configuration. */
  static async open(media = ''): Promise<Stage> {
    const server = await Server.start({ media });
    const [pages, chromium] = await Promise.all([servePages(), launchChromium()]);
    return new Stage(pages, chromium, server);
  }

  newPage = (browser: Browser = this.chromium): Promise<Page> => browser.newPage(this.pages.url);

  async close(): Promise<void> {
    await this.chromium.close();
    this.pages.close();
    await this.server.stop();
  }

  /** What helps to understand a failure. */
  explain(): string {
    return ['--- server ---', this.server.output.slice(-4_000), '--- pages ---', ...pageConsole().slice(-20)].join('\n');
  }
}

/** Runs the body of a test and adds what server and pages said when it fails. */
export async function explained(stage: Stage, body: () => Promise<void>): Promise<void> {
  pageConsole();
  try {
    await body();
  } catch (error) {
    process.stderr.write(`${stage.explain()}\n`);
    throw error;
  }
}

/** What a person expects of a picture after its start. */
export interface Expectation {
  what: string;
  height: number;
  /** Pictures over which it is watched. */
  pictures: number;
  /** The content of the codec's MIME type. */
  codec?: string;
}

/** Below this the tone did not arrive: the quietest source, ffmpeg's sine, has fifty times as much. */
const LEAST_AUDIO_POWER = 1e-4;

/**
 * How often something timed is tried until it holds. A machine that compiles at the same time stalls
 * browsers and makes them drop layers; a server that freezes pictures does so every time.
 */
const ATTEMPTS = 3;

/** What failed in each of its attempts: attempts around those are none of their own. */
const triedEnough = new WeakSet<Error>();

/** Runs `attempt` until its assertions hold and its pictures come in time, at most [`ATTEMPTS`] times. */
export async function eventually<T>(attempt: () => Promise<T>): Promise<T> {
  for (let tried = 1; ; tried++) {
    try {
      return await attempt();
    } catch (error) {
      if (!(error instanceof assert.AssertionError || error instanceof Late) || triedEnough.has(error)) throw error;
      if (tried === ATTEMPTS) {
        triedEnough.add(error);
        throw error;
      }
      process.stderr.write(`    attempt ${tried} of ${ATTEMPTS}: ${error.message.split('\n')[0]}\n`);
    }
  }
}

/** Watches for a while and asserts pictures, size, sound, and that nothing froze. */
export async function assertPlays(viewer: ViewerHandle, expectation: Expectation): Promise<ViewerReport> {
  const { what, height, pictures, codec } = expectation;
  // Half a second in which players fill their buffers is "start".
  await viewer.reaches(15);
  return eventually(async () => {
    await viewer.mark();
    const before = await viewer.report();
    await viewer.reachesHeight(height);
    await viewer.reaches(pictures, 15_000);
    const after = await viewer.report();
    const decoded = after.framesDecoded - before.framesDecoded;
    const seconds = after.audioSeconds - before.audioSeconds;
    const audioPower = (after.audioEnergy - before.audioEnergy) / seconds;
    tell(what, {
      codec: after.codec,
      cipher: after.cipher,
      size: `${after.width}x${after.height}`,
      decoded,
      fps: after.fps,
      longestGapMs: after.longestGap,
      jitterBufferMs: after.jitterBufferMs,
      audioPower,
      nack: after.nack,
    });
    assert.equal(after.freezes, 0, `the picture froze for ${after.longestGap} ms`);
    assert.ok(decoded >= pictures * 0.9, `${decoded} pictures were decoded`);
    assert.equal(`${after.width}x${after.height}`, `${(height * 16) / 9}x${height}`);
    assert.ok(seconds > 0.5 && audioPower > LEAST_AUDIO_POWER, `sound: power ${audioPower} over ${seconds} s`);
    if (codec !== undefined) assert.match(after.codec, new RegExp(codec, 'i'));
    return after;
  });
}
