// Streams, channels and categories of the fake API. Changes last until it is stopped.
import { libraryApi } from './library.mjs';
import { recordingsApi } from './recordings.mjs';
import { broadcast, streamApi } from './studio.mjs';
import { CATEGORIES, LONG, OWNER, PEOPLE, populate, stream } from './world.mjs';

export function streamsApi(scene) {
  const streams = populate(scene);
  const follows = new Set([PEOPLE.mira.id, PEOPLE.arabic.id]);
  const shelves = { saved: new Set(), favorite: new Set() };
  if (scene === 'empty') follows.clear();
  for (const item of streams.slice(1, 4)) shelves.saved.add(item.id);
  shelves.favorite.add(streams[0]?.id);

  const find = (name) => streams.find((item) => item.name === name || item.id === name);
  const seen = (item, me) => ({
    ...item,
    editable: me?.id === item.owner.id,
    following: me != null && follows.has(item.owner.id),
    locked: item.locked && me?.id !== item.owner.id && !opened(item, me),
    saved: me != null && shelves.saved.has(item.id),
  });
  const opened = (item, me) =>
    item.access === 'followers' && me != null && follows.has(item.owner.id);

  function list(query, me) {
    const q = (query.get('q') ?? '').toLowerCase();
    let found = streams.filter((item) => item.access !== 'unlisted' && item.access !== 'private');
    if (query.has('live'))
      found = found.filter(({ state }) => (state !== 'offline') === (query.get('live') === 'true'));
    if (query.has('category'))
      found = found.filter(({ category }) => category?.slug === query.get('category'));
    if (query.has('tag')) found = found.filter(({ tags }) => tags.includes(query.get('tag')));
    if (q !== '')
      found = found.filter((item) =>
        `${item.title} ${item.name} ${item.owner.display_name} ${item.tags.join(' ')}`
          .toLowerCase()
          .includes(q),
      );
    if ((query.get('sort') ?? 'viewers') === 'viewers')
      found.sort((one, other) => other.viewers - one.viewers);
    return found.map((item) => seen(item, me));
  }

  function page(items, query) {
    const from = Number(query.get('cursor') ?? 0);
    const limit = Number(query.get('limit') ?? 25);
    const next = from + limit;
    return {
      items: items.slice(from, next),
      next_cursor: next < items.length ? String(next) : null,
    };
  }

  const aboutStream = streamApi({ streams, seen, opened });
  const aboutRecordings = recordingsApi({ streams });
  const aboutLibrary = libraryApi({ streams, follows, shelves, find, seen, page });

  /** Answers, or gives undefined for what is not about streams. */
  return function answer(asked) {
    const { method, path, query, body, me } = asked;
    const ok = (value, headers) => ({ status: 200, body: value, headers });
    const refuse = (status, code) => ({ status, problem: code });
    const recorded = aboutRecordings(asked);
    if (recorded !== undefined) return recorded;
    if (path === '/streams' && method === 'GET') return ok(page(list(query, me), query));
    if (path === '/streams/live')
      return ok(page(list(new URLSearchParams('live=true'), me), query));
    if (path === '/streams/featured')
      return ok({
        items: scene === 'empty' ? [] : streams.slice(0, 3).map((item) => seen(item, me)),
        next_cursor: null,
      });
    if (path === '/streams/categories')
      return ok(
        scene === 'empty'
          ? []
          : CATEGORIES.map((category) => ({
              ...category,
              live_streams: streams.filter(
                (item) => item.category?.slug === category.slug && item.state !== 'offline',
              ).length,
            })),
      );
    if (path === '/streams' && method === 'POST') {
      if (me == null) return refuse(401, 'sign_in_required');
      if (find(body.name)) return refuse(409, 'already_exists');
      const { category, ...rest } = body;
      const made = stream(body.name, body.title, OWNER, { ...rest, category });
      streams.push(made);
      return { status: 201, body: seen(made, me) };
    }
    const channel = /^\/channels\/([^/]+)$/.exec(path);
    if (channel !== null) {
      const owner = [...Object.values(PEOPLE), OWNER].find(
        ({ handle }) => handle === decodeURIComponent(channel[1]),
      );
      if (owner === undefined) return refuse(404, 'not_found');
      return ok({
        ...owner,
        bio: 'Carpenter, potter, collector of offcuts.\nEvery Saturday from eight.',
        links: [{ title: 'Plans', url: 'https://example.org/plans' }],
        followers: 12_403,
        following: me != null && follows.has(owner.id),
        streams: streams
          .filter((item) => item.owner.id === owner.id && item.access !== 'unlisted')
          .map((item) => seen(item, me)),
        recent: [
          { ...broadcast('Workshop tour, the first', 7), stream: 'off' },
          { ...broadcast(LONG, 16, { peak_viewers: 1_234_567 }), stream: 'off' },
        ],
      });
    }
    const own = /^\/streams\/([^/]+)(\/.*)?$/.exec(path);
    if (own !== null) {
      const item = find(decodeURIComponent(own[1]));
      if (item === undefined) return refuse(404, 'unknown_stream');
      return aboutStream(item, own[2] ?? '', asked);
    }
    if (path === '/me/streams')
      return me == null
        ? refuse(401, 'sign_in_required')
        : ok(
            page(
              streams.filter((item) => item.owner.id === OWNER.id),
              query,
            ),
          );
    return aboutLibrary(asked);
  };
}
