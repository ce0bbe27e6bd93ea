// What the tests of the chat begin with: a server, a page with the chat of a stream, somebody.

import { render } from '@testing-library/react';
import type { ChatEvent } from '@/lib/api/generated/ChatEvent';
import { I18nProvider, type Language } from '@/messages/i18n';
import { chatOnSocket, STREAM } from '@/testing/chat';
import { json, nothing, serve } from '@/testing/server';
import { FakeEvents, page, stream } from '@/testing/streams';
import ChatColumn from './ChatColumn';

export const EMOTES = [
  { id: 'e1', name: 'saw', url: '/assets/saw.png', animated: false, created_at: 0 },
];

/** The chat of the bird house on `/ws`, with a server that answers `answer` to a join. */
export function open(
  answer: ChatEvent,
  routes: Parameters<typeof serve>[0] = {},
  language: Language = 'en',
  seen: () => number | null = () => null,
) {
  FakeEvents.install();
  const server = chatOnSocket(answer);
  const network = serve({
    [`GET /streams/${STREAM}/emotes`]: () => json({ version: 1, items: EMOTES }),
    [`GET /streams/${STREAM}/chat/held`]: () => json({ items: [], more: false }),
    'GET /me/blocks': () => json(page([])),
    'PUT /me/blocks/0199-Mira': () => nothing(),
    ...routes,
  });
  history.replaceState(null, '', '/watch/bird-house');
  const view = render(
    <I18nProvider initial={language}>
      <main>
        <ChatColumn
          stream={stream('bird-house')}
          peer={null}
          patient={false}
          seen={seen}
          onFollow={() => undefined}
        />
      </main>
    </I18nProvider>,
  );
  return { server, network, view };
}
