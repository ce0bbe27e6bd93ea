// The library, history and follows of whoever is signed in to the fake API.
import { DAY, id, PEOPLE } from './world.mjs';

const ok = (value) => ({ status: 200, body: value });
const none = { status: 204 };

/** `follows` and `shelves` are shared with the lists, which show what is in them. */
export function libraryApi({ streams, follows, shelves, find, seen, page }) {
  const history = streams.slice(0, 5).map((item, index) => ({
    id: id(),
    stream: item,
    started_at: Date.now() - (index * 7 + 1) * 3_600_000,
    ended_at: null,
    duration_watched: 60 * (index * 13 + 4),
    quality_level: null,
    device_type: 'browser',
    exit_reason: null,
  }));

  return function answer({ method, path, query, body, me }) {
    if (!/^\/(me\/(follows|library|history)|viewing|social)/.test(path)) return undefined;
    if (me == null) return { status: 401, problem: 'sign_in_required' };
    if (path === '/me/follows')
      return ok({
        items: Object.values(PEOPLE)
          .filter(({ id: who }) => follows.has(who))
          .map((who) => ({
            ...who,
            since: Date.now() - 9 * DAY,
            live: streams.some((item) => item.owner.id === who.id && item.state !== 'offline'),
          })),
        next_cursor: null,
      });
    if (path === '/social/follow') {
      if (body.follow) follows.add(body.owner_id);
      else follows.delete(body.owner_id);
      return ok({ following: body.follow, followers: 12_403 + (body.follow ? 1 : 0) });
    }
    if (path === '/me/library') {
      const kind = query.get('kind') ?? 'saved';
      const items = [...shelves[kind]].map((kept) => find(kept)).filter(Boolean);
      return ok(
        page(
          items.map((item) => ({ kind, since: Date.now() - DAY, stream: seen(item, me) })),
          query,
        ),
      );
    }
    const kept = /^\/me\/library\/(saved|favorite)\/([^/]+)$/.exec(path);
    if (kept !== null) {
      if (method === 'PUT') shelves[kept[1]].add(kept[2]);
      else shelves[kept[1]].delete(kept[2]);
      return none;
    }
    if (path === '/me/history' && method === 'GET') return ok(page(history, query));
    if (path === '/me/history' && method === 'DELETE') {
      history.length = 0;
      return none;
    }
    if (path === '/viewing/start')
      return ok({ session_id: id(), playback_token: 'x', expires_in: 600 });
    if (path.startsWith('/viewing/')) return none;
    return undefined;
  };
}
