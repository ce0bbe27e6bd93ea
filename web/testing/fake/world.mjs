// Who and what there is on the fake API at first, by scene.

const layers = [
  { rid: 'h', width: 1280, height: 720, bitrate: 2_410_000, fps: 30, active: true },
  { rid: 'm', width: 640, height: 360, bitrate: 640_000, fps: 30, active: true },
  { rid: 'l', width: 320, height: 180, bitrate: 160_000, fps: 30, active: true },
];

export const MINUTE = 60_000;
export const DAY = 1440 * MINUTE;

let ids = 0;
export const id = () => `01990000-0000-7000-8000-${String((ids += 1)).padStart(12, '0')}`;

/** The account that the fake API signs in (see accounts.mjs) owns these. */
export const OWNER = {
  id: '01990000-0000-7000-8000-00000000ada0',
  handle: 'ada',
  display_name: 'Ada Lovelace',
  avatar_url: null,
};
const person = (handle, display_name) => ({ id: id(), handle, display_name, avatar_url: null });
export const PEOPLE = {
  mira: person('mira', 'Mira Holz'),
  pier: person('north-pier', 'Harbour authority of the free and Hanseatic city'),
  chess: person('checkmate', 'Checkmate'),
  arabic: person('almarsa', 'عمر الميناء'),
};

export const CATEGORIES = [
  ['making', 'Making'],
  ['nature', 'Nature'],
  ['chess', 'Chess'],
  ['music', 'Music'],
  ['talk', 'Talk and lectures'],
  ['games', 'Games'],
].map(([slug, name]) => ({ id: id(), slug, name }));

export const LONG =
  'Eine sehr lange Überschrift über Donaudampfschifffahrtsgesellschaftskapitäne, die auf jeder Karte und jeder Seite noch gut aussehen muss, ja';

export function stream(name, title, owner, more = {}) {
  const { minutes = 0, category = null, ...rest } = more;
  const state = rest.state ?? (minutes > 0 ? 'live' : 'offline');
  const found = CATEGORIES.find(({ slug }) => slug === category);
  return {
    id: id(),
    name,
    title,
    owner,
    category: found === undefined ? null : { slug: found.slug, name: found.name },
    tags: [],
    access: 'public',
    maturity: 'everyone',
    language: null,
    thumbnail_url: null,
    preview_url: state === 'offline' || rest.locked ? null : `/hls/${name}/thumbnail.jpg`,
    viewers: 0,
    scheduled_start: null,
    locked: false,
    description: '',
    codec: state === 'offline' ? null : 'h264',
    layers: state === 'offline' ? [] : layers,
    issues: [],
    whep_url: `/whep/${name}`,
    hls_url: `/hls/${name}/master.m3u8`,
    record: true,
    recording_visibility: 'public',
    keep_recordings_days: null,
    recording:
      state === 'offline' ? null : { id: id(), bytes: 124_300_000, duration_ms: minutes * MINUTE },
    created_at: Date.now() - 40 * DAY,
    following: false,
    saved: false,
    version: 1,
    ...rest,
    state,
    live_since: state === 'offline' ? null : Date.now() - minutes * MINUTE,
  };
}

const DESCRIPTION = `Every Saturday from eight: wood, glue and patience. Plans at https://example.org/bird-house.

Questions in the chat, I answer when my hands are free. The jig from part 2 is still in use, and this time the roof gets its shingles.
Tools: a Japanese saw, one plane, far too many clamps.
The music is my neighbour.`;

export function populate(scene) {
  if (scene === 'empty') return [];
  const { mira, pier, chess, arabic } = PEOPLE;
  const busy = [
    stream('demo', 'Building a bird house, part 3', mira, {
      minutes: 42,
      viewers: 128,
      category: 'making',
      tags: ['wood', 'live build', 'beginners'],
      description: DESCRIPTION,
      language: 'en',
    }),
    stream('harbour-cam', 'Harbour camera, north pier', pier, {
      minutes: 1230,
      viewers: 7,
      category: 'nature',
      tags: ['webcam'],
    }),
    stream('chess', 'Blitz until somebody cries', chess, {
      minutes: 71,
      viewers: 1_234_567,
      category: 'chess',
      tags: ['blitz', 'titled players'],
    }),
    stream('kiln', 'Glaze tests', mira, { minutes: 3, category: 'making' }),
    stream('arabic', 'بث مباشر من المرفأ: الصيد في الليل', arabic, {
      minutes: 12,
      viewers: 3,
      category: 'nature',
      language: 'ar',
      tags: ['صيد'],
    }),
    stream('masterclass', 'Masterclass: rook endings', chess, {
      minutes: 25,
      viewers: 812,
      access: 'premium',
      locked: true,
      category: 'chess',
    }),
    stream('backstage', 'Backstage', mira, {
      minutes: 9,
      viewers: 4,
      access: 'password',
      locked: true,
    }),
    stream('club', 'Only for those who follow', mira, {
      minutes: 14,
      viewers: 61,
      access: 'followers',
      locked: true,
    }),
    stream('night', 'Night shift, uncut', pier, {
      minutes: 204,
      viewers: 56,
      maturity: 'mature',
      state: 'gap',
    }),
    stream('off', 'Workshop tour', mira, {
      scheduled_start: Date.now() + 2 * DAY + 20 * MINUTE,
      category: 'making',
      description: DESCRIPTION,
      tags: ['wood'],
    }),
    stream('tournament', 'City championship, round 5', chess, {
      scheduled_start: Date.now() + 90 * MINUTE,
      category: 'chess',
    }),
    stream('ada', 'Notes on the engine', OWNER, { category: 'talk', tags: ['history'] }),
    stream('ada-lab', 'Lab', OWNER, { minutes: 5, viewers: 2, access: 'unlisted' }),
  ];
  const long = [
    stream('a'.repeat(64), LONG, pier, {
      minutes: 9000,
      viewers: 1_234_567,
      category: 'talk',
      tags: ['a-tag-that-goes-on-and-on-and-on', 'another'],
      description: 'x'.repeat(400),
    }),
    stream('arabic', 'بث مباشر من المرفأ: الصيد في الليل', arabic, { minutes: 12, viewers: 3 }),
    stream('emoji', '🎹🌊 late piano, no talking', mira, { minutes: 5, viewers: 0 }),
    stream('ada', LONG, OWNER, { tags: ['history'] }),
  ];
  return scene === 'long' ? long : busy;
}
