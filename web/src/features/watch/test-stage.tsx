// What the tests of the watch page begin with: a stream of somebody, and a browser around it.

import { cleanup, render } from '@testing-library/react';
import { afterEach, beforeEach, vi } from 'vitest';
import { session } from '@/lib/auth/session';
import type { Stream } from '@/lib/streams/types';
import { FakePeer } from '@/testing/peer';
import { json, refuse, serve, type FakeNetwork } from '@/testing/server';
import { FakeEvents, MIRA, stream } from '@/testing/streams';
import WatchPage from './WatchPage';

export const NAME = 'bird-house';

export function network(
  change: Partial<Stream>,
  more: Parameters<typeof serve>[0] = {},
): FakeNetwork {
  return serve({
    [`GET /streams/${NAME}`]: () => json(stream(NAME, change)),
    [`POST /whep/${NAME}`]: () => refuse(409, 'not_live'),
    'GET /channels/mira': () =>
      json({
        ...MIRA,
        bio: '',
        links: [],
        followers: 1,
        following: false,
        streams: [],
        recent: [],
      }),
    ...more,
  });
}

export const TOKEN = `POST /streams/0199-${NAME}/playback-token`;
export const bearer = (fake: FakeNetwork) =>
  fake.of(`POST /whep/${NAME}`).map(({ headers }) => headers.get('authorization'));

export function show() {
  history.replaceState(null, '', `/watch/${NAME}`);
  return render(<WatchPage stream={NAME} />);
}

/** A fresh browser before each test. */
export function stage() {
  beforeEach(() => {
    FakeEvents.install();
    vi.stubGlobal('RTCPeerConnection', FakePeer);
    vi.stubGlobal('MediaStream', class extends EventTarget {});
    vi.spyOn(HTMLMediaElement.prototype, 'play').mockResolvedValue();
    vi.spyOn(HTMLMediaElement.prototype, 'pause').mockReturnValue();
  });
  afterEach(() => {
    // A page that is still there would go on in a browser that is taken away.
    cleanup();
    session.forget();
    vi.unstubAllGlobals();
    vi.restoreAllMocks();
  });
}
