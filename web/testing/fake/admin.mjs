// What administrators see, in the fake API: 240 people (or none, or with very long names).

import { ago, auditEntries, mails, person, streams } from './admin-records.mjs';

const PAGE = 25;

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
        body: { invite_url: 'https://live.example.org/sign-up#token=Zk3f9w' },
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
    const entries = auditEntries(count);
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
        disabled_accounts: count && 18,
        sessions: count && 97,
        streams: count && 42,
        live_streams: count && 5,
        viewers: scene === 'long' ? 1_234_567 : count && 191,
        mails_waiting: count && 3,
        reports_pending: count && 2,
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
