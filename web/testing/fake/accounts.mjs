// Sign-in and the own account of the fake API: whoever has a token is Ada.
import { OWNER } from './world.mjs';

const PERMISSIONS = [
  'read_own_profile',
  'write_own_profile',
  'manage_own_security',
  'become_creator',
  'write_own_streams',
  'publish_own_streams',
];

export function accountsApi(scene, base) {
  const me = {
    ...OWNER,
    email: 'ada@example.org',
    email_verified: true,
    given_name: null,
    family_name: null,
    role: scene === 'viewer' ? 'viewer' : 'creator',
    organisation: { id: 'o', name: 'Harbour' },
    tier: 'free',
    tier_expires_at: null,
    region: null,
    locale: null,
    bio: '',
    links: [],
    member_since: Date.UTC(2026, 0, 5),
    has_channel: scene !== 'viewer',
    mfa: { totp: false, backup_codes_left: 0, required: false },
    must_accept_terms: null,
    password_expires_at: null,
    permissions: PERMISSIONS,
    preferences: {
      quality: 'auto',
      language: null,
      autoplay: true,
      theme: process.env.THEME ?? 'dark',
      notify_live: true,
    },
    privacy: { profile_visibility: 'public', save_history: true, maturity_limit: 'teen' },
    notifications: { security: true, live: true, followers: true, news: false },
  };
  const tokens = () => ({ access_token: 'ada', expires_in: 600, account: me });

  return {
    /** Who sends this, or null. */
    whoIs: (authorization) => (authorization === 'Bearer ada' ? me : null),

    /** Answers, or gives undefined for what is not about accounts. */
    answer({ method, path, me: asking }) {
      const ok = (body, headers) => ({ status: 200, body, headers });
      if (path === '/setup') return ok({ needed: false, version: '0.1.0' });
      if (path === '/server')
        return ok({
          version: '0.1.0',
          name: 'Harbour',
          whip_url: `${base}/whip`,
          whep_url_template: `${base}/whep/{stream}`,
          signup_mode: 'open',
          email_verification: 'off',
          terms: null,
          password_policy: {
            min_length: 8,
            upper: true,
            lower: true,
            digit: true,
            special: false,
          },
          demo: null,
          setup_needed: false,
        });
      if (path === '/auth/sign-in' || path === '/auth/refresh') return ok(tokens());
      if (path === '/auth/sign-out') return { status: 204 };
      if (path === '/me' || path === '/me/channel') {
        if (asking === null) return { status: 401, problem: 'sign_in_required' };
        if (method === 'POST') Object.assign(me, { role: 'creator', has_channel: true });
        return ok(me, { etag: '"v1"' });
      }
      return undefined;
    },
  };
}
