// Signing in and the own account in the fake API. The password `wrong` is refused, `mfa@` in the
// email asks for a code (000000 is wrong), and changes last until the process ends.

import { DAY, activity, ago, key, permissionsOf, session } from './people-records.mjs';
import { OWNER } from './world.mjs';

const LONG_NAME = 'Maximiliane Freifrau von Donaudampfschifffahrtsgesellschaft zu Wasserburg';

export function peopleApi(scene, base) {
  const role = ['viewer', 'creator', 'moderator'].includes(scene) ? scene : 'admin';
  let version = 1;
  let needed = scene === 'fresh';
  const me = {
    ...OWNER,
    email: 'ada@example.org',
    email_verified: true,
    ...(scene === 'long' && { display_name: LONG_NAME }),
    given_name: null,
    family_name: null,
    role,
    organisation: { id: '01990000-0000-7000-8000-00000000000a', name: 'Harbour TV' },
    tier: 'free',
    tier_expires_at: null,
    region: null,
    locale: null,
    bio: 'Engines, numbers and the sea.',
    links: [{ title: 'Notes', url: 'https://ada.example.org/notes' }],
    member_since: ago(320),
    has_channel: role !== 'viewer',
    mfa: { totp: scene === 'mfa', backup_codes_left: scene === 'mfa' ? 2 : 0, required: false },
    must_accept_terms: null,
    password_expires_at: null,
    permissions: permissionsOf(role),
    preferences: {
      quality: 'auto',
      language: process.env.LANGUAGE_CODE ?? null,
      autoplay: true,
      theme: process.env.THEME ?? 'dark',
      notify_live: true,
    },
    privacy: { profile_visibility: 'public', save_history: true, maturity_limit: 'teen' },
    notifications: { security: true, live: true, followers: true, news: false },
  };
  let sessions = [
    session(1, 'Firefox, Linux', '192.0.2.17', 40, 0, true),
    session(2, 'Safari, iPhone', '2001:db8::1a2f', 12, 0.2),
    session(3, 'Chrome, Windows', '198.51.100.4', 90, 9),
  ];
  let keys = [
    key(1, 'Stream deck', '9f3k', ['publish', 'read:streams'], 2, null),
    key(2, 'Statistics', 'x81c', ['read:profile', 'read:streams'], null, Date.now() + 60 * DAY),
    key(3, 'Old bot', '07ab', ['read:streams'], 200, ago(3)),
  ];
  let blocked = [
    {
      id: 'b1',
      handle: 'loud',
      display_name: 'Loud Person',
      avatar_url: null,
      since: ago(30),
      live: false,
    },
  ];
  const empty = scene === 'empty';
  if (empty) [keys, blocked, sessions] = [[], [], sessions.slice(0, 1)];

  const ok = (body, headers) => ({ status: 200, body, headers });
  const done = { status: 204 };
  const refuse = (status, problem, errors) => ({ status, problem, errors });
  const tokens = () => ({ access_token: 'ada', expires_in: 600, account: me });
  const tagged = () => ok(me, { etag: `"v${version}"` });
  const list = (items) => ok({ items, next_cursor: null });

  function door(method, path, body) {
    if (path === '/setup' && method === 'GET') return ok({ needed, version: '0.1.0' });
    if (path === '/setup') {
      needed = false;
      Object.assign(me, {
        email: body.email,
        display_name: body.display_name,
        handle: body.handle,
      });
      return { status: 201, body: tokens() };
    }
    if (path === '/server') return ok(server());
    if (path === '/legal/terms')
      return ok({ ...server().terms, body: 'Be kind.\n\nStream only what is yours.' });
    if (path === '/auth/refresh')
      return scene === 'nobody' ? refuse(401, 'session_ended') : ok(tokens());
    if (path === '/auth/sign-in') {
      if (body.password === 'wrong') return refuse(401, 'invalid_credentials');
      if (!body.email.startsWith('mfa@')) return ok(tokens());
      return { status: 202, body: { mfa_token: 'm', methods: ['totp', 'backup_code'] } };
    }
    if (path === '/auth/mfa')
      return body.code === '000000' ? refuse(401, 'mfa_wrong') : ok(tokens());
    if (path === '/auth/sign-up') {
      if (body.handle === 'taken')
        return refuse(422, 'invalid_input', [{ field: 'handle', code: 'taken', message: 'Taken' }]);
      return { status: 202, body: { verification: 'sent' } };
    }
    if (path === '/auth/verify-email' || path === '/auth/reset-password')
      return body.token === 'old' ? refuse(401, 'token_expired') : done;
    if (path.startsWith('/auth/')) return { status: path === '/auth/sign-out' ? 204 : 202 };
    return undefined;
  }

  function server() {
    return {
      version: '0.1.0',
      name: 'Harbour TV',
      whip_url: `${base}/whip`,
      whep_url_template: `${base}/whep/{stream}`,
      signup_mode: 'open',
      email_verification: 'optional',
      terms: { id: 't1', version: '1', title: 'House rules' },
      password_policy: { min_length: 8, upper: true, lower: true, digit: true, special: false },
      demo: null,
      setup_needed: needed,
    };
  }

  function own(method, path, body, ifMatch) {
    if (path === '/me' && method === 'GET') return tagged();
    if (path === '/me' && method === 'PATCH') {
      if (ifMatch === undefined) return refuse(428, 'precondition_required');
      if (ifMatch !== `"v${version}"`) return refuse(412, 'version_conflict');
      version += 1;
      Object.assign(me, body);
      return tagged();
    }
    if (path === '/me/channel') {
      Object.assign(me, {
        role: 'creator',
        has_channel: true,
        permissions: permissionsOf('creator'),
      });
      return tagged();
    }
    if (path === '/me/sessions' && method === 'GET') return list(sessions);
    if (path === '/me/sessions') sessions = sessions.filter(({ current }) => current);
    if (path.startsWith('/me/sessions/'))
      sessions = sessions.filter(({ id }) => id !== path.slice(13));
    if (path === '/me/totp' && method === 'POST')
      return ok({
        secret: 'JBSWY3DPEHPK3PXPJBSWY3DPEHPK3PXP',
        otpauth_url:
          'otpauth://totp/Harbour%20TV:ada%40example.org?secret=JBSWY3DPEHPK3PXPJBSWY3DPEHPK3PXP&issuer=Harbour%20TV',
      });
    if (path === '/me/totp/confirm' || path === '/me/backup-codes') {
      if (body.code === '000000') return refuse(422, 'mfa_wrong');
      Object.assign(me.mfa, { totp: true, backup_codes_left: 10 });
      return ok({ backup_codes: Array.from({ length: 10 }, (_, at) => `k${at}w7-9q${at}x-4mzt`) });
    }
    if (path === '/me/totp') Object.assign(me.mfa, { totp: false, backup_codes_left: 0 });
    if (path === '/me/api-keys' && method === 'GET') return list(keys);
    if (path === '/me/api-keys') {
      const made = key(keys.length + 9, body.name, 'q2vz', body.scopes, null, body.expires_at);
      keys = [made, ...keys];
      return { status: 201, body: { key: 'sl_7Jr2mQpX0vTzKc41bWnYq2vz', api_key: made } };
    }
    if (path.startsWith('/me/api-keys/')) keys = keys.filter(({ id }) => id !== path.slice(13));
    if (path === '/me/activity') return list(empty ? [] : activity());
    if (path === '/me/blocks') return list(blocked);
    if (path.startsWith('/me/blocks/')) blocked = blocked.filter(({ id }) => id !== path.slice(11));
    if (path === '/me/export') return ok({ account: me, sessions, api_keys: keys });
    if (path === '/me/email') return { status: 202 };
    if (path === '/me/password' && body.current === 'wrong')
      return refuse(401, 'invalid_credentials');
    if (/^\/me\/(sessions|totp|api-keys|blocks|password|terms|history)/.test(path)) {
      return method === 'GET' ? undefined : done;
    }
    return path === '/me' && method === 'DELETE' ? done : undefined;
  }

  return {
    /** Who sends this, or null. */
    whoIs: (authorization) => (authorization === 'Bearer ada' ? me : null),

    /** Answers, or gives undefined for what is not about people. */
    answer({ method, path, body, me: asking, ifMatch }) {
      const answer = door(method, path, body);
      if (answer !== undefined) return answer;
      if (path !== '/me' && !path.startsWith('/me/')) return undefined;
      if (asking === null) return refuse(401, 'sign_in_required');
      return own(method, path, body, ifMatch);
    },
  };
}
