import { describe, expect, it } from 'vitest';
import { candidatesOf, withOnly } from './candidates';
import { codecsOf } from './codecs';
import { EchoTally, messageOf, numberOf, sizesOf } from './echo';
import { Arrival, FIRST_BYTES, nextBytes, rateOf } from './rate';
import { failureOf, iceServerOf, transportOf } from './relays';

const ANSWER = [
  'v=0',
  'm=application 9 UDP/DTLS/SCTP webrtc-datachannel',
  'a=ice-ufrag:abcd',
  'a=candidate:1 1 udp 2130706431 203.0.113.7 8189 typ host',
  'a=candidate:2 1 UDP 2130706430 2001:db8::7 8189 typ host',
  'a=candidate:3 1 tcp 1000 203.0.113.7 8189 typ host tcptype passive',
  'a=end-of-candidates',
  '',
].join('\r\n');

describe('the candidates of an answer', () => {
  it('are told apart by layer, with addresses as people write them', () => {
    expect(candidatesOf(ANSWER)).toEqual([
      { layer: 'udp', target: '203.0.113.7:8189' },
      { layer: 'udp', target: '[2001:db8::7]:8189' },
      { layer: 'tcp', target: '203.0.113.7:8189' },
    ]);
  });

  it('of one layer are left, and everything else as it was', () => {
    const tcp = withOnly(ANSWER, 'tcp');
    expect(candidatesOf(tcp)).toEqual([{ layer: 'tcp', target: '203.0.113.7:8189' }]);
    expect(tcp).toBe(
      ANSWER.split('\r\n')
        .filter((line) => !/ udp /i.test(line) || line.startsWith('m='))
        .join('\r\n'),
    );
    expect(candidatesOf(withOnly(ANSWER, 'udp'))).toHaveLength(2);
  });
});

describe('the echo', () => {
  it('numbers its messages and fills them up', () => {
    const message = messageOf(70_000, 1100);
    expect([message.byteLength, numberOf(message)]).toEqual([1100, 70_000]);
    expect([numberOf('70000'), numberOf(new ArrayBuffer(2))]).toEqual([null, null]);
  });

  it('says how much is lost, the median round trip, and how much trips vary in their order', () => {
    const tally = new EchoTally();
    for (let number = 0; number < 10; number += 1) tally.send(number, number * 20);
    // Three of ten are lost, and one overtakes another.
    for (const [number, trip] of [
      [0, 40],
      [1, 44],
      [3, 40],
      [2, 80],
      [5, 42],
      [7, 41],
      [9, 43],
    ] as const)
      tally.hear(number, number * 20 + trip);
    expect(tally.complete).toBe(false);
    expect(tally.quality).toEqual({
      sent: 10,
      received: 7,
      round_trip_ms: 42,
      jitter_ms: (4 + 36 + 40 + 2 + 1 + 2) / 6,
    });
  });

  it('counts each answer once, and none to what was not sent', () => {
    const tally = new EchoTally();
    expect(tally.quality).toBeNull();
    tally.send(1, 0);
    tally.hear(2, 5);
    tally.hear(1, 10);
    tally.hear(1, 900);
    expect(tally.complete).toBe(true);
    expect(tally.quality).toEqual({ sent: 1, received: 1, round_trip_ms: 10 });
  });

  it('takes large messages for lost by their size only where small ones came back', () => {
    const sizes = (small: number, large: number) =>
      sizesOf({ size: 100, heard: small }, { size: 1100, heard: large });
    expect(sizes(5, 1)).toEqual({ largest_answered: 1100 });
    expect(sizes(4, 0)).toEqual({ largest_answered: 100, smallest_lost: 1100 });
    expect(sizes(0, 0)).toBeNull();
  });
});

describe('the rate', () => {
  it('is bits a second, from the end of the first piece on', () => {
    const arrival = new Arrival();
    arrival.add(64_000, 1000);
    expect(arrival.amount).toEqual({ bytes: 0, ms: 0 });
    arrival.add(50_000, 1100);
    arrival.add(50_000, 1400);
    expect(rateOf(arrival.amount)).toBe((100_000 * 8 * 1000) / 400);
    expect(rateOf({ bytes: 0, ms: 12 })).toBeNull();
  });

  it('is measured again over two seconds of a fast line, within what the server gives', () => {
    // 128 kB in 100 ms are 10.24 Mbit/s.
    expect(nextBytes({ bytes: FIRST_BYTES, ms: 100 }, 25_000_000)).toBe(2_560_000);
    expect(nextBytes({ bytes: FIRST_BYTES, ms: 1 }, 25_000_000)).toBe(25_000_000);
    expect(nextBytes({ bytes: FIRST_BYTES, ms: 0 }, 25_000_000)).toBe(25_000_000);
  });

  it('of a slow line is known by the first look', () => {
    expect(nextBytes({ bytes: FIRST_BYTES, ms: 4000 }, 25_000_000)).toBeNull();
    expect(nextBytes({ bytes: FIRST_BYTES, ms: 10 }, FIRST_BYTES)).toBeNull();
  });
});

describe('relays', () => {
  it.each([
    ['turn:live.example.org:3478?transport=udp', 'relay_udp'],
    ['turn:live.example.org', 'relay_udp'],
    ['turn:live.example.org:3478?transport=tcp', 'relay_tcp'],
    ['turns:live.example.org:443?transport=tcp', 'relay_tls'],
    ['stun:live.example.org:3478', null],
  ])('%s is spoken to as %s', (url, transport) => expect(transportOf(url)).toBe(transport));

  it('are asked with their credentials where they have any', () => {
    expect(iceServerOf({ url: 'turn:a', username: 'u', credential: 'p' })).toEqual({
      urls: 'turn:a',
      username: 'u',
      credential: 'p',
    });
    expect(iceServerOf({ url: 'stun:a' })).toEqual({ urls: 'stun:a' });
  });

  it.each([
    [401, 'unauthorized'],
    [486, 'full'],
    [701, 'no_answer'],
    [300, 'other'],
  ])('that answer %d fail as %s', (code, failure) => expect(failureOf(code)).toBe(failure));
});

it('codecs are those that the server knows, of what the browser says it can do', () => {
  const capable = (...mimes: string[]) => ({
    getCapabilities: (kind: string) => ({
      codecs: mimes
        .filter((mimeType) => mimeType.startsWith(kind))
        .map((mimeType) => ({ mimeType, clockRate: 90_000 })),
      headerExtensions: [],
    }),
  });
  expect(
    codecsOf(
      capable('video/VP8', 'video/rtx', 'video/H264', 'video/H264', 'audio/opus', 'audio/PCMU'),
      capable('video/AV1'),
    ),
  ).toEqual({ decodes: ['h264', 'vp8', 'opus'], encodes: ['av1'] });
  expect(codecsOf(undefined, undefined)).toEqual({ decodes: [], encodes: [] });
});
