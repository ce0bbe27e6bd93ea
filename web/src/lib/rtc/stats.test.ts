import { describe, expect, it } from 'vitest';
import { viewerDigest, type StatsEntry } from './stats';
import { publisherDigest } from './uplink-stats';

function report(...entries: Partial<StatsEntry>[]): Map<string, StatsEntry> {
  return new Map(entries.map((entry) => [String(entry.id), entry as StatsEntry]));
}

const PAIR = [
  { id: 'T', type: 'transport', timestamp: 0, selectedCandidatePairId: 'P' },
  {
    id: 'P',
    type: 'candidate-pair',
    timestamp: 0,
    localCandidateId: 'L',
    remoteCandidateId: 'R',
    currentRoundTripTime: 0.012,
  },
  { id: 'L', type: 'local-candidate', timestamp: 0, candidateType: 'host', protocol: 'udp' },
  { id: 'R', type: 'remote-candidate', timestamp: 0, candidateType: 'prflx' },
];

describe("a viewer's digest", () => {
  const video = (timestamp: number, more: object) => ({
    id: 'V',
    type: 'inbound-rtp',
    kind: 'video',
    codecId: 'C',
    timestamp,
    ...more,
  });
  const codec = { id: 'C', type: 'codec', timestamp: 0, mimeType: 'video/H264' };
  const before = report(
    video(1000, {
      bytesReceived: 0,
      packetsReceived: 0,
      packetsLost: 0,
      jitterBufferDelay: 0,
      jitterBufferEmittedCount: 0,
    }),
  );
  const now = report(
    ...PAIR,
    codec,
    video(2000, {
      bytesReceived: 250_000,
      packetsReceived: 190,
      packetsLost: 10,
      jitterBufferDelay: 0.6,
      jitterBufferEmittedCount: 30,
    }),
  );

  it('is what happened between two looks', () => {
    const digest = viewerDigest(now, before);
    expect(digest.video).toMatchObject({
      codec: 'H264',
      bitrate: 2_000_000,
      loss: 0.05,
      jitterBufferMs: 20,
    });
    expect(digest.transport).toMatchObject({
      roundTripMs: 12,
      pair: 'host → prflx, udp',
      relayed: false,
    });
    expect(digest.audio).toBeNull();
  });

  it('has no rates at the first look', () => {
    expect(viewerDigest(now, null).video).toMatchObject({ bitrate: null, loss: null });
  });
});

describe("a publisher's digest", () => {
  const layer = (rid: string, width: number, bytesSent: number, timestamp: number) => ({
    id: rid,
    type: 'outbound-rtp',
    kind: 'video',
    rid,
    frameWidth: width,
    frameHeight: (width * 9) / 16,
    framesPerSecond: width > 0 ? 30 : 0,
    bytesSent,
    timestamp,
    qualityLimitationReason: 'none',
  });

  it('lists layers best first and sums their bitrate', () => {
    const before = report(layer('l', 320, 0, 0), layer('h', 1280, 0, 0));
    const now = report(layer('l', 320, 20_000, 1000), layer('h', 1280, 300_000, 1000));
    const digest = publisherDigest(now, before);
    expect(digest.layers.map((entry) => entry.rid)).toEqual(['h', 'l']);
    expect(digest.bitrate).toBe(2_560_000);
    expect(digest.fps).toBe(30);
  });

  it('says which layers are not sent', () => {
    const digest = publisherDigest(report(layer('h', 0, 0, 1000), layer('l', 320, 1, 1000)), null);
    expect(digest.layers.map((entry) => [entry.rid, entry.active])).toEqual([
      ['l', true],
      ['h', false],
    ]);
  });
});
