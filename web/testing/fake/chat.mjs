// REST of chats, emotes and reports on the fake API.
import { ACTIONS, BANS, EMOTES, firstMessages, MEMBERS, SETTINGS } from './chat-people.mjs';
import { DAY, MINUTE, OWNER, PEOPLE } from './world.mjs';

const page = (items, more = {}) => ({ status: 200, body: { items, next_cursor: null, ...more } });
const none = { status: 204 };

export function chatApi() {
  let version = 1;
  let settings = { ...SETTINGS };
  let emotes = [...EMOTES];
  let bans = [...BANS];
  let moderators = [{ person: PEOPLE.chess, since: Date.now() - 20 * DAY }];
  let terms = [
    { id: 't1', pattern: 'clamp', kind: 'word', outcome: 'hold' },
    { id: 't2', pattern: 'free (followers|subs)', kind: 'regex', outcome: 'block' },
  ];
  const reports = reportsOf();

  const record = () => ({
    status: 200,
    body: { settings, pinned: null, presence: { accounts: 96, anonymous: 32 }, emotes_version: 1 },
    headers: { etag: `"v${version}"` },
  });

  function card(id) {
    const member = MEMBERS.find((one) => one.id === id);
    if (member === undefined) return { status: 404, problem: 'not_found' };
    return {
      status: 200,
      body: {
        person: { ...member, display_name: member.name },
        badges: member.badges,
        member_since: Date.now() - 400 * DAY,
        follows_since: Date.now() - 30 * DAY,
        messages: 1243,
        recent: firstMessages()
          .filter(({ author }) => author.id === id)
          .map((message) => ({ ...message, state: 'shown', reasons: [] })),
        actions: ACTIONS.filter(({ account_id: account }) => account === id),
        ban: bans.find(({ person }) => person.id === id) ?? null,
      },
    };
  }

  return function answer({ method, path, query, body }) {
    if (path === '/reports') return { status: 201, body: { id: 'r9' } };
    if (path === '/admin/reports') {
      const status = query.get('status');
      const found = reports.filter((one) => !status || one.status === status);
      return page(found, { pending: reports.filter((one) => one.status === 'pending').length });
    }
    const report = /^\/admin\/reports\/(\w+)$/.exec(path);
    if (report !== null) {
      const found = reports.find(({ report_id: id }) => id === report[1]);
      Object.assign(found, body, { moderator: OWNER, resolved_at: Date.now() });
      found.version += 1;
      return { status: 200, body: found };
    }
    const [, rest, id] =
      /^\/streams\/[^/]+\/(chat\/\w+|chat|emotes)(?:\/([\w-]+))?$/.exec(path) ?? [];
    switch (`${method} ${rest}`) {
      case 'GET chat':
        return record();
      case 'PATCH chat':
        settings = { ...settings, ...body };
        version += 1;
        return record();
      case 'GET chat/held':
        return { status: 200, body: { items: [], more: false } };
      case 'GET chat/bans':
        return page(bans);
      case 'DELETE chat/bans':
        bans = bans.filter(({ person }) => person.id !== id);
        return none;
      case 'GET chat/moderators':
        return page(moderators);
      case 'DELETE chat/moderators':
        moderators = moderators.filter(({ person }) => person.id !== id);
        return none;
      case 'GET chat/terms':
        return page(terms);
      case 'POST chat/terms':
        terms = [...terms, { id: `t${Date.now()}`, ...body }];
        return { status: 201, body: terms.at(-1) };
      case 'DELETE chat/terms':
        terms = terms.filter((term) => term.id !== id);
        return none;
      case 'GET chat/actions':
        return page(ACTIONS);
      case 'GET chat/members':
        return card(id);
      case 'GET emotes':
        return { status: 200, body: { version: 1, items: emotes } };
      case 'DELETE emotes':
        emotes = emotes.filter((emote) => emote.id !== id);
        return none;
      default:
        return undefined;
    }
  };
}

function reportsOf() {
  const report = (id, type, kind, minutes, more) => ({
    report_id: id,
    report_type: type,
    target: kind,
    status: 'pending',
    reporter: PEOPLE.mira,
    account: null,
    message_id: null,
    excerpt: '',
    description: '',
    note: '',
    moderator: null,
    created_at: Date.now() - minutes * MINUTE,
    resolved_at: null,
    version: 1,
    ...more,
  });
  const stream = { stream_id: 's', stream_name: 'chess' };
  return [
    report('r1', 'spam', 'message', 2, {
      account: PEOPLE.chess,
      ...stream,
      message_id: 'm',
      excerpt: 'free followers at cheap dot example',
      description: 'He writes this in every chat.',
    }),
    report('r2', 'copyright', 'stream', 55, {
      ...stream,
      excerpt: 'Blitz until somebody cries',
      description: 'This is the broadcast of the federation, with the logo cut off.',
    }),
    report('r3', 'inappropriate', 'account', 600, {
      account: PEOPLE.arabic,
      excerpt: 'عمر الميناء',
    }),
    report('r4', 'spam', 'message', 2 * 1440, {
      status: 'resolved',
      account: PEOPLE.pier,
      ...stream,
      excerpt: 'subscribe to my channel',
      moderator: OWNER,
      note: 'Banned for a week.',
      resolved_at: Date.now() - 1440 * MINUTE,
    }),
  ];
}
