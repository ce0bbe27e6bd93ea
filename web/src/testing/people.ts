import type { AccountRules, Me, Permission, Role, Tokens } from '@/lib/api/types';

const OWN: Permission[] = [
  'read_own_profile',
  'write_own_profile',
  'manage_own_security',
  'become_creator',
];
const ADMIN: Permission[] = [
  'read_accounts',
  'read_account_emails',
  'write_accounts',
  'read_audit',
  'read_settings',
  'write_settings',
  'write_categories',
  'read_mails',
  'read_diagnostics',
  'read_reports',
  'settle_reports',
  'read_all_streams',
];

/** Somebody with an account. */
export function somebody(role: Role = 'viewer', change: Partial<Me> = {}): Me {
  return {
    id: `0199-${role}`,
    email: 'ada@example.org',
    email_verified: true,
    handle: 'ada',
    display_name: 'Ada Lovelace',
    given_name: null,
    family_name: null,
    role,
    organisation: { id: '0199-org', name: 'Harbour' },
    tier: 'free',
    tier_expires_at: null,
    region: null,
    locale: null,
    bio: '',
    links: [],
    avatar_url: null,
    member_since: Date.UTC(2026, 0, 5),
    has_channel: role !== 'viewer',
    mfa: { totp: false, backup_codes_left: 0, required: false },
    must_accept_terms: null,
    password_expires_at: null,
    permissions: role === 'admin' ? [...OWN, ...ADMIN] : OWN,
    preferences: {
      quality: 'auto',
      language: null,
      autoplay: true,
      theme: 'dark',
      notify_live: true,
    },
    privacy: { profile_visibility: 'public', save_history: true, maturity_limit: 'mature' },
    notifications: { security: true, live: true, followers: true, news: false },
    ...change,
  };
}

export function tokensOf(account: Me, token = 'token-1', expiresIn = 600): Tokens {
  return { access_token: token, expires_in: expiresIn, account };
}

/** What the server says about accounts. */
export function rules(change: Partial<AccountRules> = {}): AccountRules {
  return {
    version: '0.1.0',
    name: 'Harbour',
    signup_mode: 'open',
    email_verification: 'off',
    terms: null,
    password_policy: { min_length: 8, upper: true, lower: true, digit: true, special: false },
    demo: null,
    setup_needed: false,
    ...change,
  };
}
