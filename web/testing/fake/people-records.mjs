// What the fake API of the own account knows: rights, sign-ins, API keys and acts.

export const DAY = 86_400_000;
export const ago = (days) => Date.now() - days * DAY;

const PERMISSIONS = {
  viewer: [
    'browse_public',
    'watch_streams',
    'read_own_profile',
    'write_own_profile',
    'write_own_library',
    'manage_own_security',
    'become_creator',
  ],
  creator: [
    'read_own_streams',
    'write_own_streams',
    'read_own_keys',
    'write_own_keys',
    'publish_own_streams',
  ],
  moderator: [
    'read_all_streams',
    'hide_streams',
    'end_broadcasts',
    'read_accounts',
    'read_reports',
  ],
  admin: [
    'read_account_emails',
    'write_accounts',
    'write_all_streams',
    'feature_streams',
    'write_categories',
    'read_audit',
    'read_settings',
    'write_settings',
    'read_mails',
    'read_diagnostics',
  ],
};
const ROLES = Object.keys(PERMISSIONS);

export function permissionsOf(role) {
  return ROLES.slice(0, ROLES.indexOf(role) + 1).flatMap((each) => PERMISSIONS[each]);
}

export function session(at, device, address, since, seen, current = false) {
  return {
    id: `s${at}`,
    device,
    address,
    created_at: ago(since),
    last_seen_at: ago(seen),
    current,
  };
}

export function key(at, name, last4, scopes, used, expires) {
  return {
    id: `k${at}`,
    name,
    last4,
    scopes,
    created_at: ago(100),
    last_used_at: used === null ? null : ago(used),
    expires_at: expires,
  };
}

export function activity() {
  const acts = [
    'sign_in.succeeded',
    'sign_in.failed',
    'api_key.created',
    'mfa.enabled',
    'password.changed',
    'email.verified',
    'account.created',
  ];
  return acts.map((action, at) => ({
    id: `a${at}`,
    at: ago(at * 3.2),
    action,
    address: at % 2 === 0 ? '192.0.2.17' : '2001:db8::1a2f',
    detail: {},
  }));
}
