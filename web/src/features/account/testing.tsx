import { render } from '@testing-library/react';
import { ThemeProvider } from '@/components/theme';
import type { Me } from '@/lib/api/types';
import { session } from '@/lib/auth/session';
import { I18nProvider, type Language } from '@/messages/i18n';
import { rules, somebody, tokensOf } from '@/testing/people';
import { json, serve, type FakeNetwork } from '@/testing/server';
import SettingsPage from './SettingsPage';

const NOW = Date.now();
const SESSIONS = [
  {
    id: 's1',
    device: 'Firefox, Linux',
    address: '192.0.2.1',
    created_at: NOW,
    last_seen_at: NOW,
    current: true,
  },
  {
    id: 's2',
    device: 'Safari, iPhone',
    address: '192.0.2.2',
    created_at: NOW,
    last_seen_at: NOW,
    current: false,
  },
];
/** A key for programs. */
export const KEY = {
  id: 'k1',
  name: 'Old bot',
  last4: '07ab',
  scopes: ['read:streams'],
  created_at: NOW,
  last_used_at: null,
  expires_at: null,
};
const list = (items: unknown[]) => json({ items, next_cursor: null });

/** A server at which somebody is signed in. */
export function world(me: Me = somebody('creator')): FakeNetwork {
  session.accept(tokensOf(me));
  return serve({
    'GET /server': () => json(rules()),
    'GET /me': () => json(me, 200, { etag: '"v1"' }),
    'GET /me/sessions': () => list(SESSIONS),
    'GET /me/api-keys': () => list([KEY]),
    'GET /me/blocks': () =>
      list([
        {
          id: 'b1',
          handle: 'loud',
          display_name: 'Loud',
          avatar_url: null,
          since: NOW,
          live: false,
        },
      ]),
    'GET /me/activity': () =>
      list([
        { id: 'a1', at: NOW, action: 'sign_in.failed', address: '192.0.2.9', detail: {} },
        { id: 'a2', at: NOW, action: 'something.new', address: null, detail: {} },
      ]),
  });
}

/** A section of the settings. */
export function show(section: string, language: Language = 'en') {
  history.replaceState(null, '', `/settings${section === '' ? '' : `/${section}`}`);
  return render(
    <ThemeProvider>
      <I18nProvider initial={language}>
        <main>
          <SettingsPage />
        </main>
      </I18nProvider>
    </ThemeProvider>,
  );
}
