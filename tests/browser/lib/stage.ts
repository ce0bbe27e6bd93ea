// What every suite needs: test pages on an origin of their own, a browser, a server.

import assert from 'node:assert/strict';

import { launchChromium, pageConsole, type Browser, type Page } from './browser.ts';
import { servePages, type Pages } from './pages.ts';
import { tell } from './report.ts';
import { Server } from './server.ts';
import type { ViewerHandle } from './peers.ts';
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
    const [pages, chromium, server] = await Promise.all([servePages(), launchChromium(), Server.start(media)]);
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
    return [`--- server ---`, this.server.output, '--- pages ---', ...pageConsole()].join('\n');
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

/** Watches for a while and asserts pictures, size, sound, and that nothing froze. */
export async function assertPlays(viewer: ViewerHandle, expectation: Expectation): Promise<ViewerReport> {
  // Half a second in which players fill their buffers is "start".
  await viewer.reaches(15);
  await viewer.mark();
  const before = await viewer.report();
  await viewer.reachesHeight(expectation.height);
  await viewer.reaches(expectation.pictures, 15_000);
  const after = await viewer.report();
  const decoded = after.framesDecoded - before.framesDecoded;
  const seconds = after.audioSeconds - before.audioSeconds;
  const power = (after.audioEnergy - before.audioEnergy) / seconds;
  tell(expectation.what, {
    codec: after.codec,
    size: `${after.width}x${after.height}`,
    decoded,
    fps: after.fps,
    longestGapMs: after.longestGap,
    jitterBufferMs: after.jitterBufferMs,
    audioPower: Number(power.toExponential(1)),
    nack: after.nack,
  });
  assert.ok(decoded >= expectation.pictures * 0.9, `${decoded} pictures were decoded`);
  assert.equal(after.height, expectation.height);
  assert.equal(after.width, (expectation.height * 16) / 9);
  assert.ok(seconds > 0.5 && power > LEAST_AUDIO_POWER, `sound: power ${power} over ${seconds} s`);
  assert.equal(after.freezes, 0, `the picture froze for ${after.longestGap} ms`);
  if (expectation.codec !== undefined) assert.match(after.codec, new RegExp(expectation.codec, 'i'));
  return after;
}
