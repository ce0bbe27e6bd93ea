// Digests of a publisher's getStats().

import {
  codecName,
  delta,
  entries,
  numberOf,
  rate,
  textOf,
  transportDigest,
  type Report,
  type StatsEntry,
  type TransportDigest,
} from './stats';

export interface LayerDigest {
  rid: string | null;
  width: number | null;
  height: number | null;
  fps: number;
  bitrate: number | null;
  target: number | null;
  active: boolean;
  /** What keeps the layer below what was asked for. */
  limitedBy: 'cpu' | 'bandwidth' | null;
  encoder: string | null;
  codec: string | null;
}

export interface PublisherDigest {
  at: number;
  /** Best first. */
  layers: LayerDigest[];
  /** All tracks together. */
  bitrate: number | null;
  fps: number | null;
  roundTripMs: number | null;
  /** Share of packets lost on the way to the server, 0 to 1; the worst of the layers. */
  loss: number | null;
  keyFrameInterval: number | null;
  retransmitted: number | null;
  transport: TransportDigest;
}

export function publisherDigest(now: Report, before: Report | null): PublisherDigest {
  const outbound = entries(now, 'outbound-rtp');
  const video = outbound.filter((entry) => entry.kind === 'video');
  const layers = video
    .map((entry) => layerDigest(now, entry, before?.get(entry.id)))
    .sort((a, b) => (b.width ?? 0) - (a.width ?? 0) || (b.bitrate ?? 0) - (a.bitrate ?? 0));
  const remote = entries(now, 'remote-inbound-rtp');
  const transport = transportDigest(now);
  const roundTrips = remote.flatMap((entry) => numberOf(entry, 'roundTripTime') ?? []);
  const losses = remote.flatMap((entry) => numberOf(entry, 'fractionLost') ?? []);
  const top = video.find((entry) => entry.rid === (layers[0]?.rid ?? undefined)) ?? video[0];
  return {
    at: Date.now(),
    layers,
    bitrate: sum(outbound.map((entry) => rate(entry, before?.get(entry.id), 'bytesSent', 8))),
    fps: layers[0]?.fps ?? null,
    roundTripMs:
      transport.roundTripMs ?? (roundTrips.length > 0 ? Math.max(...roundTrips) * 1000 : null),
    loss: losses.length > 0 ? Math.max(0, ...losses) : null,
    keyFrameInterval: top ? interval(top) : null,
    retransmitted: sum(
      video.map((entry) => delta(entry, before?.get(entry.id), 'retransmittedPacketsSent')),
    ),
    transport,
  };
}

function layerDigest(
  report: Report,
  entry: StatsEntry,
  before: StatsEntry | undefined,
): LayerDigest {
  const limit = entry.qualityLimitationReason;
  const fps = numberOf(entry, 'framesPerSecond') ?? 0;
  return {
    rid: textOf(entry, 'rid'),
    width: numberOf(entry, 'frameWidth'),
    height: numberOf(entry, 'frameHeight'),
    fps,
    bitrate: rate(entry, before, 'bytesSent', 8),
    target: numberOf(entry, 'targetBitrate'),
    active: entry.active !== false && fps > 0,
    limitedBy: limit === 'cpu' || limit === 'bandwidth' ? limit : null,
    encoder: textOf(entry, 'encoderImplementation'),
    codec: codecName(report, entry),
  };
}

/** Seconds between key frames, on average since the start. */
function interval(entry: StatsEntry): number | null {
  const frames = numberOf(entry, 'framesEncoded');
  const keys = numberOf(entry, 'keyFramesEncoded');
  const fps = numberOf(entry, 'framesPerSecond');
  return frames === null || keys === null || fps === null || keys === 0 || fps === 0
    ? null
    : frames / keys / fps;
}

function sum(values: (number | null)[]): number | null {
  const known = values.filter((value) => value !== null);
  return known.length === 0 ? null : known.reduce((total, value) => total + value, 0);
}
