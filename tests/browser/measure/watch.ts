// Somebody at the player, for tests that are not written in TypeScript: answers each line on standard input, a
// number of pictures, with one line of JSON about as many further pictures. Chromium starts at once, and the page is
// opened at the first line. Ends with its standard input.
//
//   node --import tsx measure/watch.ts https://live.example CERTIFICATE.pem

import { createInterface } from 'node:readline';
import { parseArgs } from 'node:util';

import { launchChromium, type Browser } from '../lib/browser.ts';
import { pinOf } from '../lib/certificate.ts';
import { openPlayer, type ProductPage, type ViewerProbe } from '../lib/product.ts';

/** The page comes slowly over some networks, and pictures on some machines. */
const PATIENCE_MS = 90_000;

/** What came. */
interface Seen {
  pictures: number;
  seconds: number;
  /** Pictures that stood for more than 200 ms, and the longest of all that did since the page was opened. */
  freezes: number;
  longestMs: number;
  height: number;
  /** `direct` (WebRTC) or `hls`, and of WebRTC both ends of the way, its protocol, and whether a relay of ours is on it. */
  route: string | null;
  pair: string | null;
  relayed: boolean;
  /** Sessions since the page was opened. */
  sessions: number;
}

/** Opens the player. It is not to take HLS, which a busy machine could make it do: all this is about WebRTC. */
async function open(browser: Browser, http: string): Promise<ProductPage<ViewerProbe>> {
  const player = await openPlayer(browser, { http }, 'watch');
  await player.until('the player', ({ route }) => route !== null, PATIENCE_MS);
  await player.page.read("window.__sluice.chooseRoute('direct')");
  return player;
}

async function watch(player: ProductPage<ViewerProbe>, pictures: number): Promise<Seen> {
  const begun = performance.now();
  const before = await player.until('the player', () => true, PATIENCE_MS);
  const enough = ({ framesPresented, digest }: ViewerProbe): boolean =>
    framesPresented - before.framesPresented >= pictures && typeof digest?.transport.pair === 'string';
  const after = await player.until(`${pictures} pictures`, enough, PATIENCE_MS);
  return {
    pictures: after.framesPresented - before.framesPresented,
    seconds: (performance.now() - begun) / 1000,
    freezes: after.freezes.count - before.freezes.count,
    longestMs: after.freezes.longestMs,
    height: after.height,
    route: after.route,
    pair: after.digest?.transport.pair ?? null,
    relayed: after.digest?.transport.relayed ?? false,
    sessions: after.sessions,
  };
}

const [site, certificate] = parseArgs({ allowPositionals: true }).positionals;
if (site === undefined || certificate === undefined) throw new Error('usage: watch.ts SITE CERTIFICATE');
const browser = await launchChromium([`--ignore-certificate-errors-spki-list=${pinOf(certificate)}`]);
try {
  let player: ProductPage<ViewerProbe> | null = null;
  for await (const line of createInterface({ input: process.stdin })) {
    player ??= await open(browser, site);
    process.stdout.write(`${JSON.stringify(await watch(player, Number(line)))}\n`);
  }
} finally {
  await browser.close();
}
