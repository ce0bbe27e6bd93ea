import type { Recording, RecordingCard } from '@/lib/recordings/types';
import { MIRA } from './streams';

/** A recording as lists show it: an hour of a stream, a day ago. */
export function recordingCard(id: string, change: Partial<RecordingCard> = {}): RecordingCard {
  return {
    id,
    stream: {
      id: '0199-bird-house',
      name: 'bird-house',
      title: 'Bird house',
      access: 'public',
      maturity: 'everyone',
    },
    owner: MIRA,
    broadcast_id: `b-${id}`,
    title: `Part ${id}`,
    visibility: 'public',
    state: 'ready',
    failure: null,
    started_at: Date.now() - 86_400_000,
    ended_at: Date.now() - 82_800_000,
    duration_ms: 3_600_000,
    size_bytes: 1_240_000_000,
    width: 1280,
    height: 720,
    codec: 'h264',
    poster_url: null,
    delete_after: null,
    deleted_at: null,
    locked: false,
    ...change,
  };
}

/** A recording as its own page shows it. */
export function recording(id: string, change: Partial<Recording> = {}): Recording {
  return {
    ...recordingCard(id),
    description: '',
    full_duration_ms: 3_600_000,
    trim_start_ms: null,
    trim_end_ms: null,
    gaps: 0,
    hls_url: `/vod/${id}/master.m3u8`,
    dash_url: `/vod/${id}/manifest.mpd`,
    storyboard_url: null,
    download_url: null,
    download_ready: false,
    chapters: [],
    position_ms: null,
    editable: false,
    ...change,
  };
}
