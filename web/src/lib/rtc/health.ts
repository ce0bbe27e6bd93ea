// How well a broadcast goes, as a word, a score and a list of what to mend.

import type { MediaIssue } from '@/lib/api/generated/MediaIssue';
import type { PublisherDigest } from './uplink-stats';

export type HealthIssueId =
  MediaIssue | 'cpu_limited' | 'bandwidth_limited' | 'rtt_high' | 'fps_low' | 'ice_relayed';
export type Severity = 'bad' | 'warn';
export type HealthWord = 'good' | 'fair' | 'poor' | 'no_data';

export interface HealthIssue {
  id: HealthIssueId;
  severity: Severity;
  actual: number | null;
  expected: number | null;
}

export interface Health {
  word: HealthWord;
  score: number | null;
  issues: HealthIssue[];
}

/** Points that an issue takes from a hundred. */
const COST: Record<Severity, number> = { bad: 40, warn: 15 };

/** Above this talking with viewers feels late, whatever the server does. */
const ROUND_TRIP_LIMIT_MS = 200;
/** Retransmission hides less than this; above it pictures freeze. */
const LOSS_LIMIT = 0.03;
/** Under this share of the wanted rate motion looks broken. */
const FPS_SHARE = 0.8;

const SERVER_SEVERITY: Record<MediaIssue, Severity> = {
  b_frames: 'bad',
  key_frames_rare: 'warn',
  layer_missing: 'warn',
  loss_high: 'bad',
};

export function healthOf(
  digest: PublisherDigest | null,
  reported: readonly MediaIssue[],
  wanted: { fps: number; layers: number },
): Health {
  if (digest?.bitrate == null || digest.fps === null)
    return { word: 'no_data', score: null, issues: [] };
  const issues: HealthIssue[] = reported.map((id) => ({
    id,
    severity: SERVER_SEVERITY[id],
    actual: id === 'loss_high' ? digest.loss : id === 'layer_missing' ? activeLayers(digest) : null,
    expected: id === 'loss_high' ? LOSS_LIMIT : id === 'layer_missing' ? wanted.layers : null,
  }));
  const add = (
    id: HealthIssueId,
    severity: Severity,
    actual: number | null,
    expected: number | null,
  ) => {
    if (!issues.some((issue) => issue.id === id)) issues.push({ id, severity, actual, expected });
  };
  const top = digest.layers[0];
  if ((digest.loss ?? 0) > LOSS_LIMIT) add('loss_high', 'bad', digest.loss, LOSS_LIMIT);
  if (digest.fps < wanted.fps * FPS_SHARE) add('fps_low', 'bad', digest.fps, wanted.fps);
  if (top?.limitedBy === 'cpu') add('cpu_limited', 'warn', null, null);
  if (top?.limitedBy === 'bandwidth') add('bandwidth_limited', 'warn', digest.bitrate, null);
  if ((digest.roundTripMs ?? 0) > ROUND_TRIP_LIMIT_MS)
    add('rtt_high', 'warn', digest.roundTripMs, ROUND_TRIP_LIMIT_MS);
  if (digest.transport.relayed) add('ice_relayed', 'warn', null, null);
  const score = Math.max(
    0,
    issues.reduce((left, issue) => left - COST[issue.severity], 100),
  );
  return { word: score >= 80 ? 'good' : score >= 50 ? 'fair' : 'poor', score, issues };
}

function activeLayers(digest: PublisherDigest): number {
  return digest.layers.filter((layer) => layer.active).length;
}
