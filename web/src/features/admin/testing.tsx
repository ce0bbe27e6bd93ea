import { render } from '@testing-library/react';
import { Guard } from '@/components/Guard';
import type { AdminAccount } from '@/lib/api/types';
import { session } from '@/lib/auth/session';
import { I18nProvider, type Language } from '@/messages/i18n';
import { somebody, tokensOf } from '@/testing/people';
import { json, serve, type FakeNetwork } from '@/testing/server';
import AdminPage from './AdminPage';

const NOW = Date.now();

/** Somebody in the list of people. */
export function person(at: number, change: Partial<AdminAccount> = {}): AdminAccount {
  return {
    id: `p${at}`,
    email: `p${at}@example.org`,
    email_verified: true,
    handle: `person-${at}`,
    display_name: `Person ${at}`,
    avatar_url: null,
    role: 'viewer',
    access_level: 'staff',
    department: null,
    tier: 'free',
    tier_expires_at: null,
    state: 'active',
    disabled_reason: null,
    mfa: false,
    created_at: NOW,
    last_login_at: null,
    ...change,
  };
}

/** A page of a list. */
export const list = (items: unknown[], next: string | null = null) =>
  json({ items, next_cursor: next });
/** Two categories, in their order. */
export const CATEGORIES = [
  { id: 'c1', slug: 'music', name: 'Music', position: 0 },
  { id: 'c2', slug: 'games', name: 'Games', position: 1 },
];

/** A report that nobody has looked at. */
export const REPORT = {
  report_id: 'r1',
  report_type: 'spam',
  target: 'message',
  stream_name: 'bird-house',
  account: null,
  reporter: null,
  excerpt: 'cheap followers',
  description: '',
  status: 'pending',
  note: '',
  created_at: NOW,
  version: 1,
};

/** A server at which an administrator is signed in. */
export function world(): FakeNetwork {
  session.accept(tokensOf(somebody('admin')));
  return serve({
    'GET /admin/overview': () =>
      json({
        accounts: 1_234_567,
        disabled_accounts: 0,
        sessions: 2,
        streams: 4,
        live_streams: 1,
        viewers: 9,
        mails_waiting: 5,
        reports_pending: 3,
      }),
    'GET /admin/accounts': () => list([person(1), person(2, { state: 'disabled' })]),
    'GET /admin/accounts/p1': () => json(person(1), 200, { etag: '"v1"' }),
    'GET /admin/accounts/p1/sessions': () => list([]),
    'GET /admin/streams': () => list([]),
    'GET /admin/categories': () => list(CATEGORIES),
    'GET /admin/reports': () => json({ items: [REPORT], next_cursor: null, pending: 1 }),
    'GET /admin/audit': () =>
      list([
        {
          seq: 1,
          id: 'e1',
          at: NOW,
          actor_id: 'p1',
          actor_kind: 'account',
          action: 'settings.changed',
          target_kind: 'organisation',
          target_id: '0199-abc',
          address: '192.0.2.1',
          detail: { name: '<b>x</b>' },
          hash: 'f',
        },
      ]),
    'GET /admin/audit/verify': () => json({ entries: 12, intact: false, broken_at: 7 }),
    'GET /admin/mails': () =>
      list([
        {
          id: 'm1',
          recipient: 'p1@example.org',
          kind: 'reset_password',
          subject: 'Choose a new password',
          link: 'https://x/reset-password#token=1',
          created_at: NOW,
          sent_at: null,
          attempts: 1,
          last_error: 'refused',
        },
      ]),
    'GET /admin/settings': () =>
      json(
        {
          name: 'Harbour',
          public_url: null,
          signup_mode: 'open',
          email_verification: null,
          anyone_may_stream: true,
          terms: null,
        },
        200,
        { etag: '"v1"' },
      ),
    'GET /admin/doctor': () =>
      json({
        way: 'unknown',
        findings: [
          {
            code: 'ffmpeg_missing',
            severity: 'warning',
            title: 'ffmpeg cannot be run',
            cause: '⟦`ffmpeg` was started and is not there⟧',
            fix: '⟦apt-get install ffmpeg⟧',
          },
        ],
      }),
    'GET /admin/diagnostics': () =>
      json({
        version: '0.1.0',
        started_at: NOW,
        now: NOW,
        checks: [{ name: '⟦Database⟧', state: 'failed', detail: 'away' }],
      }),
  });
}

/** A room of the administration, behind its door. */
export function show(path: string, language: Language = 'en') {
  history.replaceState(null, '', path);
  return render(
    <I18nProvider initial={language}>
      <main>
        <Guard permission="read_accounts">
          <AdminPage />
        </Guard>
      </main>
    </I18nProvider>,
  );
}
