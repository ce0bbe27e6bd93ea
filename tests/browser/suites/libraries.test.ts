// The WHIP and WHEP clients that other people wrote, unchanged.

import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';

import { TIME_CODE } from '../lib/layers.ts';
import { LibraryPublisherHandle, LibraryViewerHandle } from '../lib/peers.ts';
import { tell } from '../lib/report.ts';
import { KEY } from '../lib/server.ts';
import { eventually, explained, Stage } from '../lib/stage.ts';
import type { LibraryName } from '../page/libraries.ts';

let stage: Stage;
before(async () => {
  stage = await Stage.open();
});
after(() => stage?.close());

const NAMES: Record<LibraryName, string> = {
  medooze: 'whip-whep (medooze)',
  eyevinn: '@eyevinn/whip-web-client and webrtc-player',
};

for (const library of ['medooze', 'eyevinn'] as const) {
  test(`${NAMES[library]} publishes and plays`, () =>
    explained(stage, async () => {
      const { server } = stage;
      const publishing = await stage.newPage();
      const watching = await stage.newPage();
      const publisher = await LibraryPublisherHandle.start(publishing, {
        library,
        url: server.whip,
        token: KEY,
        source: TIME_CODE,
      });
      const viewer = await LibraryViewerHandle.start(watching, { library, url: server.whep });
      await viewer.reaches(15);
      await eventually(async () => {
        await viewer.mark();
        await viewer.reaches(45);
        const report = await viewer.report();
        tell(NAMES[library], { size: `${report.width}x${report.height}`, fps: report.fps, longestGapMs: report.longestGap });
        assert.equal(report.freezes, 0, `the picture froze for ${report.longestGap} ms`);
      });
      await viewer.stop();
      await publisher.stop();
      await publishing.close();
      await watching.close();
    }));
}
