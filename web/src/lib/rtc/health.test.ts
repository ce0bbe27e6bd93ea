import { describe, expect, it } from 'vitest';
import { healthOf } from './health';
import type { PublisherDigest } from './uplink-stats';

const DIGEST: PublisherDigest = {
  at: 0,
  layers: [],
  bitrate: 2_500_000,
  fps: 30,
  roundTripMs: 20,
  loss: 0,
  keyFrameInterval: 2,
  retransmitted: 0,
  transport: {
    roundTripMs: 20,
    availableOutgoing: null,
    availableIncoming: null,
    pair: null,
    relayed: false,
  },
};
const WANTED = { fps: 30, layers: 3 };

describe('health', () => {
  it('is good when nothing is wrong', () => {
    expect(healthOf(DIGEST, [], WANTED)).toEqual({ word: 'good', score: 100, issues: [] });
  });

  it('has no word before there are numbers', () => {
    expect(healthOf(null, [], WANTED).word).toBe('no_data');
    expect(healthOf({ ...DIGEST, bitrate: null }, [], WANTED).word).toBe('no_data');
  });

  it('names an issue once, whether the server or this side saw it', () => {
    const health = healthOf({ ...DIGEST, loss: 0.1 }, ['loss_high'], WANTED);
    expect(health.issues).toEqual([
      { id: 'loss_high', severity: 'bad', actual: 0.1, expected: 0.03 },
    ]);
    expect(health.word).toBe('fair');
  });

  it('falls to poor with two bad issues', () => {
    const health = healthOf({ ...DIGEST, loss: 0.1, fps: 11 }, [], WANTED);
    expect(health).toMatchObject({ word: 'poor', score: 20 });
  });

  it('warns of a relay, a long way and a slow processor', () => {
    const health = healthOf(
      {
        ...DIGEST,
        roundTripMs: 300,
        transport: { ...DIGEST.transport, relayed: true },
        layers: [
          {
            rid: 'h',
            width: 1280,
            height: 720,
            fps: 30,
            bitrate: 1,
            target: 1,
            active: true,
            limitedBy: 'cpu',
            encoder: null,
            codec: null,
          },
        ],
      },
      [],
      WANTED,
    );
    expect(health.issues.map((issue) => issue.id)).toEqual([
      'cpu_limited',
      'rtt_high',
      'ice_relayed',
    ]);
  });
});
