// Recordings of the fake API. With `FAKE_MEDIA=folder` their playlists, and those of `/hls/…`, are
// files of that folder: `vod/` and `live/`, as ffmpeg writes them.
import { readFileSync } from 'node:fs';
import { join, normalize } from 'node:path';
import { DAY, id, LONG, MINUTE, PEOPLE } from './world.mjs';

const TYPES = {
  m3u8: 'application/vnd.apple.mpegurl',
  m4s: 'video/iso.segment',
  mp4: 'video/mp4',
  jpg: 'image/jpeg',
  vtt: 'text/vtt',
};

/** What is asked of `/vod/{recording}/…` and `/hls/{stream}/…`: the bytes of a file, if there are any. */
export function mediaFile(path) {
  const folder = process.env.FAKE_MEDIA;
  const asked = /^\/(vod|hls)\/([^/]+)\/(.+)$/.exec(path);
  if (folder === undefined || asked === null) return undefined;
  const [, kind, of, file] = asked;
  const names = file.endsWith('thumbnail.jpg')
    ? ['vod', `${of.length % 3}.jpg`]
    : file === 'poster.jpg'
      ? ['vod', `${Number.parseInt(of.slice(-1), 16) % 3 || 0}.jpg`]
      : [kind === 'hls' ? 'live' : 'vod', file];
  try {
    const body = readFileSync(join(folder, normalize(join('/', ...names))));
    return { body, type: TYPES[file.split('.').at(-1)] ?? 'application/octet-stream' };
  } catch {
    return undefined;
  }
}

function recording(stream, title, days, more = {}) {
  const made = id();
  const started = Date.now() - days * DAY;
  const { minutes = 95, ...rest } = more;
  const length = minutes * MINUTE;
  const state = rest.state ?? 'ready';
  return {
    id: made,
    stream: {
      id: stream.id,
      name: stream.name,
      title: stream.title,
      access: stream.access,
      maturity: stream.maturity,
    },
    owner: stream.owner,
    broadcast_id: id(),
    title,
    visibility: 'public',
    failure: null,
    started_at: started,
    ended_at: started + length,
    duration_ms: length,
    size_bytes: Math.round(minutes * 18_400_000),
    width: 1280,
    height: 720,
    codec: 'h264',
    poster_url: state === 'ready' ? `/vod/${made}/poster.jpg` : null,
    delete_after: null,
    deleted_at: null,
    locked: false,
    description: '',
    full_duration_ms: length,
    trim_start_ms: null,
    trim_end_ms: null,
    gaps: 0,
    hls_url: state === 'ready' ? `/vod/${made}/master.m3u8` : null,
    dash_url: null,
    storyboard_url: `/vod/${made}/storyboard.vtt`,
    download_url: `/vod/${made}/download.mp4`,
    download_ready: true,
    chapters: [],
    position_ms: null,
    version: 1,
    ...rest,
    state,
  };
}

const CHAPTERS = [
  [0, 'Hello'],
  [14_000, 'The jig from part 2, and why it is still in use'],
  [33_000, 'Roof'],
  [50_000, LONG],
].map(([at_ms, title]) => ({ at_ms, title }));

function populate(streams) {
  const find = (name) => streams.find((stream) => stream.name === name);
  const off = find('off');
  const ada = find('ada');
  return [
    ...(off === undefined
      ? []
      : [
          recording(off, 'Workshop tour, the first', 7, {
            id: 'tour',
            minutes: 1,
            chapters: CHAPTERS,
            poster_url: '/vod/tour/poster.jpg',
            hls_url: '/vod/tour/master.m3u8',
            storyboard_url: '/vod/tour/storyboard.vtt',
            description:
              'Where everything is, and why it is there. Plans at https://example.org/plans.',
          }),
          recording(off, LONG, 16, { minutes: 260 }),
          recording(off, 'Sharpening', 30, { minutes: 34 }),
        ]),
    ...(ada === undefined
      ? []
      : [
          recording(ada, 'Notes on the engine, tonight', 0.01, {
            id: 'running',
            state: 'processing',
            minutes: 14,
          }),
          recording(ada, 'Notes on the engine', 2, {
            id: 'notes',
            minutes: 1,
            chapters: CHAPTERS,
            hls_url: '/vod/notes/master.m3u8',
            gaps: 2,
            visibility: 'unlisted',
          }),
          recording(ada, LONG, 9, { delete_after: Date.now() + 21 * DAY, visibility: 'private' }),
          recording(ada, 'Difference engine, first try', 40, {
            id: 'broken',
            state: 'failed',
            failure: 'The worker for pictures is not installed: no poster and no storyboard.',
            minutes: 0.1,
          }),
          recording(ada, 'A mistake', 3, { deleted_at: Date.now() - DAY, minutes: 2 }),
        ]),
  ];
}

const SAID = [
  ['Good morning from the harbour', 1],
  ['Is that the Japanese saw from part 1?', 6],
  ['Yes, sharpened since', 9],
  ['The plans are on https://example.org/plans for everybody who asks', 15],
  ['👏', 22],
  ['Which glue holds outside, over a winter with frost and rain, without paint?', 31],
  ['بث جميل', 40],
];

/** Answers what is about recordings, or gives undefined. */
export function recordingsApi({ streams }) {
  const recordings = populate(streams);
  const ok = (body, headers) => ({ status: 200, body, headers });
  const refuse = (status, code) => ({ status, problem: code });
  const list = (items) => ok({ items, next_cursor: null });
  return function answer({ method, path, query, body, me }) {
    const channel = /^\/channels\/([^/]+)\/recordings$/.exec(path);
    if (channel !== null)
      return list(
        recordings.filter(
          (one) =>
            one.owner.handle === channel[1] &&
            one.visibility === 'public' &&
            one.state === 'ready' &&
            one.deleted_at === null,
        ),
      );
    const own = /^\/streams\/([^/]+)\/recordings$/.exec(path);
    const wantsDeleted = query.get('deleted') === 'true';
    if (own !== null)
      return list(
        recordings.filter(
          (one) =>
            [one.stream.id, one.stream.name].includes(own[1]) &&
            (one.deleted_at !== null) === wantsDeleted,
        ),
      );
    if (path === '/admin/recordings')
      return list(recordings.filter((one) => (one.deleted_at !== null) === wantsDeleted));
    const about = /^\/recordings\/([^/]+)(\/.*)?$/.exec(path);
    if (about === null) return undefined;
    const found = recordings.find((one) => one.id === about[1]);
    if (found === undefined) return refuse(404, 'recording_unknown');
    const shown = () =>
      ok({ ...found, editable: me?.id === found.owner.id }, { etag: `"${found.version}"` });
    switch (about[2] ?? '') {
      case '/chat': {
        const items = SAID.map(([text, seconds], index) => ({
          at_ms: seconds * 1000,
          message: {
            id: `m${index}`,
            stream: found.stream.id,
            author: {
              id: Object.values(PEOPLE)[index % 4].id,
              name: Object.values(PEOPLE)[index % 4].display_name,
              handle: null,
            },
            kind: 'text',
            text,
            at: found.started_at + seconds * 1000,
          },
        }));
        return ok({ items: query.has('after') ? [] : items, more: false });
      }
      case '/position':
        return { status: 204 };
      case '/restore':
        found.deleted_at = null;
        return shown();
      case '/chapters':
        found.chapters = body.chapters;
        found.version += 1;
        return shown();
      default:
    }
    if (method === 'DELETE') {
      found.deleted_at = Date.now();
      return { status: 204 };
    }
    if (method === 'PATCH') {
      Object.assign(found, body);
      found.duration_ms =
        (found.trim_end_ms ?? found.full_duration_ms) - (found.trim_start_ms ?? 0);
      found.version += 1;
    }
    return shown();
  };
}
