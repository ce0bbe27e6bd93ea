import { screen } from '@testing-library/react';
import userEvent from '@testing-library/user-event';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { session } from '@/lib/auth/session';
import { accessibilityProblems } from '@/testing/axe';
import { ada, joined, said, STREAM } from '@/testing/chat';
import { somebody, tokensOf } from '@/testing/people';
import { json } from '@/testing/server';
import { open } from './testing';

beforeEach(() => session.accept(tokensOf(somebody())));
afterEach(() => {
  session.forget();
  vi.unstubAllGlobals();
});

describe('a moderator', () => {
  const MOD = { ...ada(), id: '0199-viewer', may: { write: true, moderate: true, manage: false } };

  // Requirements: R202
  it('deletes, times out and takes back from the message itself', async () => {
    const user = userEvent.setup();
    const { server, view } = open(joined([said(1, 'noise')], { you: MOD }));
    const row = await screen.findByRole('article', { name: 'Message of Mira' });
    row.focus();
    await user.click(await screen.findByRole('button', { name: 'Delete' }));
    expect(server.of('moderation')[0]).toMatchObject({ action: 'delete', message: said(1, '').id });
    row.focus();
    await user.keyboard('{Enter}');
    await user.click(screen.getByRole('button', { name: 'Timeout' }));
    expect(await accessibilityProblems(view.container)).toEqual([]);
    await user.click(screen.getByRole('button', { name: '10 min' }));
    const sent = server.of('moderation')[1];
    expect(sent).toMatchObject({ action: 'timeout', account: '0199-Mira', seconds: 600 });
    server.say({ type: 'ack', ref: sent?.ref ?? null, state: 'done' });
    await user.click(await screen.findByRole('button', { name: 'Undo' }));
    expect(server.of('moderation')[2]).toMatchObject({ action: 'unban', account: '0199-Mira' });
  });

  it('sees who somebody is, and bans with a reason', async () => {
    const user = userEvent.setup();
    const { server, view } = open(joined([said(1, 'noise')], { you: MOD }), {
      [`GET /streams/${STREAM}/chat/members/0199-Mira`]: () =>
        json({
          person: { id: '0199-Mira', handle: 'mira', display_name: 'Mira', avatar_url: null },
          badges: [],
          member_since: 0,
          follows_since: null,
          messages: 1234,
          recent: [
            {
              ...said(1, 'noise before'),
              state: 'deleted',
              reasons: [],
              settled_at: null,
              settled_by: null,
            },
          ],
          actions: [],
          ban: null,
        }),
    });
    await user.click(await screen.findByRole('button', { name: 'Mira' }));
    expect(await screen.findByText('1,234')).toBeTruthy();
    expect(screen.getByText('noise before')).toBeTruthy();
    expect(await accessibilityProblems(view.container)).toEqual([]);
    await user.type(screen.getByRole('textbox', { name: 'Reason, shown to them' }), 'Spam');
    await user.click(screen.getByRole('button', { name: 'Ban' }));
    expect(server.of('moderation')[0]).toMatchObject({ action: 'ban', reason: 'Spam' });
  });
});
