// Digests of getStats(): the numbers that people look at, from two reports a moment apart.

/** The members that we read; TypeScript's own types leave most of them out. */
export interface StatsEntry {
  id: string;
  type: string;
  timestamp: number;
  [member: string]: unknown;
}

export interface TransportDigest {
  roundTripMs: number | null;
  availableOutgoing: number | null;
  availableIncoming: number | null;
  /** Such as "host → host, udp"; null until a pair is selected. */
  pair: string | null;
  relayed: boolean;
}

export interface InboundDigest {
  codec: string | null;
  decoder: string | null;
  width: number | null;
  height: number | null;
  fps: number | null;
  bitrate: number | null;
  /** Share of packets lost since the last digest, 0 to 1. */
  loss: number | null;
  jitterBufferMs: number | null;
  decodeMs: number | null;
  framesDecoded: number;
  framesDropped: number;
  keyFrames: number;
  freezes: number;
  packetsLost: number;
  nacks: number;
  plis: number;
  audioEnergy: number;
}

export interface ViewerDigest {
  at: number;
  video: InboundDigest | null;
  audio: InboundDigest | null;
  transport: TransportDigest;
}

/** One look at a connection: its entries by id. */
export type Report = ReadonlyMap<string, StatsEntry>;

export function viewerDigest(now: Report, before: Report | null): ViewerDigest {
  const inbound = (kind: string) => {
    const entry = entries(now, 'inbound-rtp').find((candidate) => candidate.kind === kind);
    return entry ? inboundDigest(now, entry, before?.get(entry.id)) : null;
  };
  return {
    at: entries(now, 'transport')[0]?.timestamp ?? Date.now(),
    video: inbound('video'),
    audio: inbound('audio'),
    transport: transportDigest(now),
  };
}

function inboundDigest(
  report: Report,
  entry: StatsEntry,
  before: StatsEntry | undefined,
): InboundDigest {
  const lost = delta(entry, before, 'packetsLost');
  const received = delta(entry, before, 'packetsReceived');
  const count = (key: string) => numberOf(entry, key) ?? 0;
  return {
    codec: codecName(report, entry),
    decoder: textOf(entry, 'decoderImplementation'),
    width: numberOf(entry, 'frameWidth'),
    height: numberOf(entry, 'frameHeight'),
    fps: numberOf(entry, 'framesPerSecond'),
    bitrate: rate(entry, before, 'bytesReceived', 8),
    loss:
      lost === null || received === null || lost + received <= 0
        ? null
        : Math.max(0, lost) / (lost + received),
    jitterBufferMs: average(entry, before, 'jitterBufferDelay', 'jitterBufferEmittedCount'),
    decodeMs: average(entry, before, 'totalDecodeTime', 'framesDecoded'),
    framesDecoded: count('framesDecoded'),
    framesDropped: count('framesDropped'),
    keyFrames: count('keyFramesDecoded'),
    freezes: count('freezeCount'),
    packetsLost: count('packetsLost'),
    nacks: count('nackCount'),
    plis: count('pliCount'),
    audioEnergy: count('totalAudioEnergy'),
  };
}

export function transportDigest(report: Report): TransportDigest {
  const transport = entries(report, 'transport')[0];
  const pairs = entries(report, 'candidate-pair');
  const pair =
    pairs.find((candidate) => candidate.id === transport?.selectedCandidatePairId) ??
    pairs.find((candidate) => candidate.nominated === true && candidate.state === 'succeeded');
  const local = report.get(textOf(pair, 'localCandidateId') ?? '');
  const remote = report.get(textOf(pair, 'remoteCandidateId') ?? '');
  const roundTrip = numberOf(pair, 'currentRoundTripTime');
  return {
    roundTripMs: roundTrip === null ? null : roundTrip * 1000,
    availableOutgoing: numberOf(pair, 'availableOutgoingBitrate'),
    availableIncoming: numberOf(pair, 'availableIncomingBitrate'),
    pair:
      local && remote
        ? `${textOf(local, 'candidateType') ?? '?'} → ${textOf(remote, 'candidateType') ?? '?'}, ${textOf(local, 'protocol') ?? '?'}`
        : null,
    relayed: local?.candidateType === 'relay',
  };
}

export function entries(report: Report, type: string): StatsEntry[] {
  return [...report.values()].filter((entry) => entry.type === type);
}

export function numberOf(entry: StatsEntry | undefined, key: string): number | null {
  const value = entry?.[key];
  return typeof value === 'number' && Number.isFinite(value) ? value : null;
}

export function textOf(entry: StatsEntry | undefined, key: string): string | null {
  const value = entry?.[key];
  return typeof value === 'string' && value !== '' ? value : null;
}

/** "H264" of "video/H264". */
export function codecName(report: Report, entry: StatsEntry): string | null {
  const mime = textOf(report.get(textOf(entry, 'codecId') ?? ''), 'mimeType');
  return mime?.split('/')[1] ?? null;
}

export function delta(
  entry: StatsEntry,
  before: StatsEntry | undefined,
  key: string,
): number | null {
  const now = numberOf(entry, key);
  const then = numberOf(before, key);
  return now === null || then === null ? null : now - then;
}

/** Growth a second of a counter, times `factor`. */
export function rate(
  entry: StatsEntry,
  before: StatsEntry | undefined,
  key: string,
  factor = 1,
): number | null {
  const grown = delta(entry, before, key);
  const elapsed = before ? entry.timestamp - before.timestamp : 0;
  return grown === null || elapsed <= 0 ? null : Math.max(0, (grown * factor * 1000) / elapsed);
}

/** Milliseconds of a total in seconds per counted thing. */
function average(
  entry: StatsEntry,
  before: StatsEntry | undefined,
  total: string,
  count: string,
): number | null {
  const seconds = delta(entry, before, total);
  const things = delta(entry, before, count);
  return seconds === null || things === null || things <= 0 ? null : (seconds / things) * 1000;
}
