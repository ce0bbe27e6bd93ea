// Viewers whose browsers may use nothing but our relay (TURN).

import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';

import { ONE_LAYER, TIME_CODE } from '../lib/layers.ts';
import { PublisherHandle, ViewerHandle } from '../lib/peers.ts';
import { KEY } from '../lib/server.ts';
import { assertPlays, explained, Stage } from '../lib/stage.ts';

let stage: Stage;
before(async () => {
  stage = await Stage.open();
});
after(() => stage?.close());

// Requirements: R383
test('a viewer watches through the relay, by UDP and by TCP', () =>
  explained(stage, async () => {
    const { server } = stage;
    const publisher = await PublisherHandle.start(await stage.newPage(), {
      url: server.whip,
      token: KEY,
      source: TIME_CODE,
      codec: 'H264',
      layers: ONE_LAYER,
    });
    const direct = await ViewerHandle.start(await stage.newPage(), { url: server.whep });
    const link = await direct.link();
    assert.ok(link !== null, 'the answer names the relay');
    assert.notEqual((await direct.selectedLocal()).split(' ')[0], 'relay', 'who needs no relay uses none');
    await direct.stop();

    for (const transport of ['udp', 'tcp'] as const) {
      const before = await server.metric('sluice_turn_datagrams_total', 'direction="to_clients"');
      const viewer = await ViewerHandle.start(await stage.newPage(), {
        url: server.whep,
        relay: { link, transport },
      });
      await assertPlays(viewer, { what: `relay by ${transport}`, height: 360, pictures: 90 });
      assert.equal(await viewer.selectedLocal(), `relay ${transport}`);
      const passed = (await server.metric('sluice_turn_datagrams_total', 'direction="to_clients"')) - before;
      assert.ok(passed > 90, `${passed} datagrams went through the relay`);
      await viewer.stop();
    }
    await publisher.stop();
  }));
