// What administrators see, in the fake API: 240 people (or none, or with very long names).

const DAY = 86_400_000;
const ago = (days) => Date.now() - days * DAY;
const PAGE = 25;

const FIRST = ['Ada', 'Boris', 'Chidi', 'Dalia', 'Emre', 'Freya', 'Goran', 'Hana', 'Ines', 'يوسف'];
const LAST = [
  'Okafor',
  'Lindqvist',
  'Marchetti',
  'Nakamura',
  'Petrov',
  'Quispe',
  'Rosen',
  'Schäfer',
];
const ROLES = ['viewer', 'viewer', 'viewer', 'creator', 'viewer', 'moderator', 'viewer', 'admin'];
const ACTIONS = [
  'sign_in.succeeded',
  'account.changed',
  'api_key.created',
  'sign_in.failed',
  'settings.changed',
  'password.reset_link_made',
];

function person(at, long) {
  const name = `${FIRST[at % FIRST.length]} ${LAST[(at * 3) % LAST.length]}`;
  return {
    id: `p${at}`,
    email: `person${at}@${long ? 'a-department-with-a-rather-long-name.' : ''}example.org`,
    email_verified: at % 7 !== 3,
    handle: `person-${at}`,
    display_name: long ? `${name} von und zu Donaudampfschifffahrtsgesellschaft` : name,
    avatar_url: null,
    role: ROLES[at % ROLES.length],
    access_level: 1,
    department: at % 5 === 0 ? 'News' : null,
    tier: at % 11 === 0 ? 'premium' : 'free',
    tier_expires_at: null,
    state: at % 13 === 5 ? 'disabled' : 'active',
    disabled_reason: at % 13 === 5 ? 'Sold links in chat' : null,
    mfa: at % 3 === 0,
    created_at: ago(at * 1.7),
    last_login_at: at % 9 === 8 ? null : ago(at * 0.4),
  };
}

export function adminApi(scene) {
  const count = scene === 'empty' ? 0 : 240;
  const people = Array.from({ length: count }, (_, at) => person(at, scene === 'long'));
  let categories = ['Music', 'Games', 'Making', 'Outdoors', 'Talk'].map((name, position) => ({
    id: `c${position}`,
    slug: name.toLowerCase(),
    name,
    position,
  }));
  if (scene === 'empty') categories = [];
  const settings = {
    name: 'Harbour TV',
    public_url: 'https://live.example.org',
    signup_mode: 'open',
    email_verification: null,
    anyone_may_stream: true,
    terms: { id: 't1', version: '1', title: 'House rules' },
  };
  const versions = new Map();
  const etagOf = (id) => `"v${versions.get(id) ?? 1}"`;
  const ok = (body, headers) => ({ status: 200, body, headers });
  const page = (items, cursor) => {
    const from = Number(cursor ?? 0);
    const next = from + PAGE < items.length ? String(from + PAGE) : null;
    return ok({ items: items.slice(from, from + PAGE), next_cursor: next });
  };
  const change = (id, record, body, ifMatch) => {
    if (ifMatch === undefined) return { status: 428, problem: 'precondition_required' };
    if (ifMatch !== etagOf(id)) return { status: 412, problem: 'version_conflict' };
    versions.set(id, (versions.get(id) ?? 1) + 1);
    Object.assign(record, body);
    return ok(record, { etag: etagOf(id) });
  };

  function accounts({ method, path, query, body, ifMatch }) {
    if (path === '/admin/accounts' && method === 'POST')
      return {
        status: 201,
        body: { id: 'p999', invite_url: 'https://live.example.org/sign-up#token=Zk3f9w' },
      };
    if (path === '/admin/accounts') {
      const words = (query.get('q') ?? '').toLowerCase();
      const found = people.filter(
        (one) =>
          `${one.display_name} ${one.handle} ${one.email}`.toLowerCase().includes(words) &&
          (query.get('role') ?? one.role) === one.role &&
          (query.get('state') ?? one.state) === one.state,
      );
      const by = query.get('sort');
      if (by === 'email' || by === 'handle') found.sort((a, b) => a[by].localeCompare(b[by]));
      if (by === 'last_login')
        found.sort((a, b) => (b.last_login_at ?? 0) - (a.last_login_at ?? 0));
      return page(found, query.get('cursor'));
    }
    const [, , , id, rest] = path.split('/');
    const found = people.find((one) => one.id === id);
    if (found === undefined) return { status: 404, problem: 'not_found' };
    if (rest === 'reset-link')
      return ok({ url: 'https://live.example.org/reset-password#token=Qm81xc' });
    if (rest === 'sessions' && method === 'DELETE') return { status: 204 };
    if (rest === 'sessions')
      return ok({
        items: [
          {
            id: 's1',
            device: 'Firefox, Linux',
            address: '192.0.2.9',
            created_at: ago(9),
            last_seen_at: ago(0.1),
            current: false,
          },
        ],
        next_cursor: null,
      });
    if (method !== 'PATCH') return ok(found, { etag: etagOf(id) });
    const { disabled, ...rights } = body;
    const state = disabled === undefined ? {} : { state: disabled ? 'disabled' : 'active' };
    if (disabled === false) state.disabled_reason = null;
    return change(id, found, { ...rights, ...state }, ifMatch);
  }

  function audit({ path, query }) {
    if (path === '/admin/audit/verify') return ok({ entries: 4210, intact: true, broken_at: null });
    const entries = Array.from({ length: count }, (_, at) => ({
      seq: 4210 - at,
      id: `e${at}`,
      at: ago(at * 0.21),
      actor_id: at % 4 === 3 ? null : `p${at % 20}`,
      actor_kind: at % 4 === 3 ? 'system' : 'account',
      action: ACTIONS[at % ACTIONS.length],
      target_kind: 'account',
      target_id: `01990000-0000-7000-8000-0000000${String(10_000 + at)}`,
      address: '192.0.2.17',
      detail: at % 2 === 0 ? { role: 'creator', before: 'viewer' } : {},
      hash: 'f'.repeat(64),
    }));
    const action = query.get('action');
    return page(
      action === null ? entries : entries.filter((one) => one.action === action),
      query.get('cursor'),
    );
  }

  function categoriesOf({ method, path, body }) {
    if (method === 'GET') return ok({ items: categories, next_cursor: null });
    if (method === 'POST') {
      const made = { id: `c${Date.now()}`, position: categories.length, ...body };
      categories.push(made);
      return { status: 201, body: made };
    }
    const id = path.split('/').at(-1);
    if (method === 'DELETE') {
      categories = categories.filter((one) => one.id !== id);
      return { status: 204 };
    }
    return ok(
      Object.assign(
        categories.find((one) => one.id === id),
        body,
      ),
    );
  }

  return (asked) => {
    const { method, path, query, body, me, ifMatch } = asked;
    if (!path.startsWith('/admin/')) return undefined;
    if (me === null) return { status: 401, problem: 'sign_in_required' };
    if (!me.permissions.includes('read_accounts'))
      return { status: 403, problem: 'permission_denied' };
    if (path === '/admin/overview')
      return ok({
        accounts: count,
        new_accounts: count && 31,
        disabled_accounts: count && 18,
        sessions: count && 97,
        streams: count && 42,
        live_streams: count && 5,
        viewers: scene === 'long' ? 1_234_567 : count && 191,
        broadcasts: count && 64,
        watch_seconds: count && 1_934_221,
      });
    if (path.startsWith('/admin/accounts')) return accounts(asked);
    if (path.startsWith('/admin/audit')) return audit(asked);
    if (path.startsWith('/admin/categories')) return categoriesOf(asked);
    if (path === '/admin/settings' && method === 'GET')
      return ok(settings, { etag: etagOf('settings') });
    if (path === '/admin/settings') {
      const terms =
        body.terms === undefined ? {} : { terms: { id: `t${Date.now()}`, ...body.terms } };
      return change('settings', settings, { ...body, ...terms }, ifMatch);
    }
    if (path === '/admin/streams') return page(streams(count), query.get('cursor'));
    if (path === '/admin/mails') return page(mails(count), query.get('cursor'));
    if (path === '/admin/diagnostics')
      return ok({
        version: '0.1.0',
        started_at: ago(2.4),
        now: Date.now(),
        checks: [
          { name: 'Database', state: 'ok', detail: 'SQLite answers in 0.4 ms' },
          { name: 'Media port', state: 'ok', detail: 'UDP 8189 is open' },
          {
            name: 'Mail',
            state: 'warning',
            detail: 'No mail server is configured; links are on the page of mails',
          },
          { name: 'Disk', state: 'failed', detail: 'The data directory has 120 MB left' },
        ],
      });
    return undefined;
  };
}

function streams(count) {
  return Array.from({ length: Math.min(count, 42) }, (_, at) => ({
    id: `st${at}`,
    name: `stream-${at}`,
    title: ['Harbour camera, north pier', 'Blitz until somebody cries', 'Glaze tests'][at % 3],
    owner: { id: `p${at}`, handle: `person-${at}`, display_name: 'Somebody', avatar_url: null },
    category: null,
    tags: [],
    access: ['public', 'unlisted', 'followers'][at % 3],
    maturity: 'everyone',
    language: null,
    thumbnail_url: null,
    state: at < 5 ? 'live' : 'offline',
    live_since: at < 5 ? ago(at * 0.1) : null,
    viewers: at < 5 ? 3 ** at : 0,
    scheduled_start: null,
    locked: false,
  }));
}

function mails(count) {
  return Array.from({ length: Math.min(count, 9) }, (_, at) => ({
    id: `m${at}`,
    recipient: `person${at}@example.org`,
    kind: 'reset_password',
    subject: at % 2 === 0 ? 'Choose a new password' : 'Confirm your email address',
    link: at % 3 === 2 ? null : 'https://live.example.org/reset-password#token=Qm81xc',
    created_at: ago(at * 0.6),
    sent_at: at % 3 === 2 ? ago(at * 0.6) : null,
    attempts: at % 3,
    last_error: at % 3 === 1 ? 'Connection refused' : null,
  }));
}
