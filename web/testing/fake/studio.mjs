// One stream of the fake API: what everybody may ask of it, and what its owner may.
import { CATEGORIES, DAY, id, LONG, MINUTE } from './world.mjs';

const secret = () =>
  `sk_${Array.from({ length: 22 }, () => 'abcdefghjkmnpqrstuvwxyzABCDEFGH23456789'[Math.floor(Math.random() * 39)]).join('')}`;

function key(name, more = {}) {
  const text = secret();
  return {
    text,
    id: id(),
    name,
    last4: text.slice(-4),
    created_at: Date.now() - 20 * DAY,
    expires_at: null,
    revoked_at: null,
    last_used_at: null,
    connected: false,
    ...more,
  };
}

export const broadcast = (title, days, more = {}) => ({
  id: id(),
  title,
  started_at: Date.now() - days * DAY,
  live_at: Date.now() - days * DAY + 900,
  ended_at: Date.now() - days * DAY + 95 * MINUTE,
  end_reason: 'publisher',
  peak_viewers: 214,
  joins: 903,
  watch_seconds: 612_300,
  codec: 'h264',
  metrics: {},
  errors: [],
  ...more,
});

/** Answers what is below `/streams/{stream}`. */
export function streamApi({ streams, seen, opened }) {
  const keys = new Map();
  const keysOf = (item) => {
    if (!keys.has(item.id))
      keys.set(item.id, [
        key('Default', { last_used_at: Date.now() - 3 * DAY, connected: item.state === 'live' }),
        key('Studio PC', { expires_at: Date.now() + 6 * DAY }),
      ]);
    return keys.get(item.id);
  };
  const bare = ({ text: _, ...rest }) => rest;
  const ok = (value, headers) => ({ status: 200, body: value, headers });
  const none = { status: 204 };
  const refuse = (status, code) => ({ status, problem: code });

  return function answer(item, rest, { method, body, me, ifMatch }) {
    const mine = me?.id === item.owner.id;
    const tag = { etag: `"v${item.version}"` };
    if (rest === '' && method === 'GET') return ok(seen(item, me), tag);
    if (rest === '/playback-token') {
      if (mine || opened(item, me) || item.access === 'public')
        return ok({ token: 'playback', expires_in: 600 });
      if (item.access === 'password') {
        if (body?.password === 'swordfish') return ok({ token: 'playback', expires_in: 600 });
        return refuse(403, body?.password ? 'password_wrong' : 'password_required');
      }
      if (me == null) return refuse(401, 'sign_in_required');
      return refuse(403, item.access === 'followers' ? 'follow_required' : 'tier_required');
    }
    if (!mine) return refuse(403, 'permission_denied');
    if (rest === '' && method === 'DELETE') {
      streams.splice(streams.indexOf(item), 1);
      return none;
    }
    if (rest === '' && method === 'PATCH') {
      if (ifMatch !== undefined && ifMatch !== tag.etag) return refuse(412, 'version_conflict');
      const { category, password: _, ...plain } = body;
      Object.assign(item, plain);
      if (category !== undefined) {
        const found = CATEGORIES.find(({ slug }) => slug === category);
        item.category = found ? { slug: found.slug, name: found.name } : null;
      }
      item.version += 1;
      return ok(seen(item, me), { etag: `"v${item.version}"` });
    }
    if (rest === '/thumbnail') return none;
    if (rest === '/end') {
      Object.assign(item, { state: 'offline', live_since: null, viewers: 0 });
      return { status: 202 };
    }
    if (rest === '/broadcasts')
      return ok({
        items: [
          ...(item.state === 'offline'
            ? []
            : [broadcast(item.title, 0, { ended_at: null, started_at: item.live_since })]),
          broadcast('Notes on the engine', 2, { peak_viewers: 1_234_567, joins: 2_345_678 }),
          broadcast(LONG, 9, { peak_viewers: 0, joins: 0, watch_seconds: 0 }),
        ],
        next_cursor: null,
      });
    if (rest === '/keys' && method === 'GET')
      return ok({
        items: keysOf(item)
          .filter(({ revoked_at: at }) => at === null)
          .map(bare),
        next_cursor: null,
      });
    if (rest === '/keys') {
      const made = key(body.name, {
        expires_at: body.expires_at ?? null,
        created_at: Date.now(),
      });
      keysOf(item).push(made);
      return { status: 201, body: { key: made.text, stream_key: bare(made) } };
    }
    const [, keyId, act] = /^\/keys\/([^/]+)(?:\/(\w+))?$/.exec(rest) ?? [];
    const found = keysOf(item).find((candidate) => candidate.id === keyId);
    if (found === undefined) return refuse(404, 'not_found');
    if (act === 'show') return ok({ key: found.text });
    if (act === 'rotate') {
      found.expires_at = Date.now() + body.overlap_seconds * 1000;
      if (body.overlap_seconds === 0) found.revoked_at = Date.now();
      const made = key(found.name, { created_at: Date.now() });
      keysOf(item).push(made);
      return ok({ key: made.text, stream_key: bare(made) });
    }
    found.revoked_at = Date.now();
    return none;
  };
}
