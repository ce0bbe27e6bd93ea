// What the fake API of administrators knows: people, their acts, streams and mails.

const DAY = 86_400_000;
export const ago = (days) => Date.now() - days * DAY;

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

export function person(at, long) {
  const name = `${FIRST[at % FIRST.length]} ${LAST[(at * 3) % LAST.length]}`;
  return {
    id: `p${at}`,
    email: `person${at}@${long ? 'a-department-with-a-rather-long-name.' : ''}example.org`,
    email_verified: at % 7 !== 3,
    handle: `person-${at}`,
    display_name: long ? `${name} von und zu Donaudampfschifffahrtsgesellschaft` : name,
    avatar_url: null,
    role: ROLES[at % ROLES.length],
    access_level: 'staff',
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

export function auditEntries(count) {
  return Array.from({ length: count }, (_, at) => ({
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
}

export function streams(count) {
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

export function mails(count) {
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
