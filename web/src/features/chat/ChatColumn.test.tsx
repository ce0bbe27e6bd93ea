import { fireEvent, screen, waitFor, within } from '@testing-library/react';
import userEvent from '@testing-library/user-event';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { blocks } from '@/lib/chat/blocks';
import { prefer, preferences } from '@/lib/chat/preferences';
import { session } from '@/lib/auth/session';
import { accessibilityProblems } from '@/testing/axe';
import { ada, author, joined, RULES, said, STREAM } from '@/testing/chat';
import { somebody, tokensOf } from '@/testing/people';
import { json } from '@/testing/server';
import { open } from './testing';

const ME = { ...ada(), id: '0199-viewer' };
const guest = {
  id: null,
  name: 'guest-19C2',
  handle: null,
  may: { write: false, moderate: false, manage: false },
};
const log = () => screen.getByRole('log');
const seen = (text: string) => within(log()).findByText(text);
const field = () => screen.getByRole<HTMLTextAreaElement>('textbox', { name: 'Write a message' });

beforeEach(() => session.accept(tokensOf(somebody())));
afterEach(() => {
  session.forget();
  blocks.set({ of: new Set() });
  prefer({ timestamps: false, compact: false, aloud: false, open: true });
  vi.useRealTimers();
  vi.unstubAllGlobals();
});

/** Seconds are counted as if the test took none; timers run as ever. */
const stopTheClock = () => vi.useFakeTimers({ toFake: ['Date'] });

describe('the chat beside the player', () => {
  // Requirements: R186, R193
  it('shows what was said, and sends what is written', async () => {
    const user = userEvent.setup();
    const { server, view } = open(joined([said(1, 'Hello everybody')], { you: ME }));
    expect(await seen('Hello everybody')).toBeTruthy();
    await user.type(field(), 'Good evening{Enter}');
    await waitFor(() => expect(server.of('message')[0]?.text).toBe('Good evening'));
    expect(await within(log()).findByText('Good evening')).toBeTruthy();
    const { ref } = server.of('message')[0] ?? {};
    server.say({ type: 'ack', ref: ref ?? null, id: said(2, '').id, state: 'delivered' });
    server.say({ type: 'message', message: said(2, 'Good evening', ME) });
    await waitFor(() => expect(within(log()).getAllByText('Good evening')).toHaveLength(1));
    expect(field().value).toBe('');
    expect(await accessibilityProblems(view.container)).toEqual([]);
  });

  it('never takes a text for markup, and lets links lead out safely', async () => {
    const { view } = open(joined([said(1, '<b>bold</b> https://example.org/a')], { you: ME }));
    const link = await screen.findByRole('link', { name: /example\.org/ });
    expect(link.getAttribute('rel')).toBe('noopener noreferrer nofollow ugc');
    expect(link.getAttribute('target')).toBe('_blank');
    expect(view.container.querySelector('b')).toBeNull();
  });

  it('completes names and emotes by keys', async () => {
    const user = userEvent.setup();
    open(joined([said(1, 'hi', author('Mira'))], { you: ME }));
    await seen('hi');
    await user.type(field(), '@mi');
    expect(screen.getByRole('option', { name: /Mira/ }).getAttribute('aria-selected')).toBe('true');
    await user.keyboard('{Tab}');
    expect(field().value).toBe('@mira ');
    await user.type(field(), ':sa');
    expect(await screen.findByRole('option', { name: 'saw' })).toBeTruthy();
    await user.keyboard('{Enter}');
    expect(field().value).toBe('@mira :saw: ');
  });

  // Requirements: R194
  it('has emotes to choose, and reactions', async () => {
    const user = userEvent.setup();
    const { server, view } = open(joined([], { you: ME }));
    await user.click(await screen.findByRole('button', { name: 'Emotes' }));
    await user.type(screen.getByRole('searchbox', { name: 'Search emotes' }), 'saw{Enter}');
    expect(field().value).toBe(':saw: ');
    expect(await accessibilityProblems(view.container)).toEqual([]);
    await user.click(screen.getByRole('button', { name: 'React: Heart' }));
    expect(server.of('reaction')[0]?.emote).toBe('heart');
  });

  it('counts near the limit, and sends nothing that is too long', async () => {
    const { server } = open(joined([], { you: ME }));
    await screen.findByText('Nobody has said anything yet');
    fireEvent.change(field(), { target: { value: 'a'.repeat(501) } });
    expect(screen.getByText('1 character too many')).toBeTruthy();
    fireEvent.keyDown(field(), { key: 'Enter' });
    expect(server.of('message')).toHaveLength(0);
  });

  it('replies to a message', async () => {
    const user = userEvent.setup();
    const { server } = open(joined([said(1, 'which glue?')], { you: ME }));
    const row = await screen.findByRole('article', { name: 'Message of Mira' });
    row.focus();
    await user.keyboard('r');
    const reply = screen.getByRole('textbox', { name: 'Reply to Mira' });
    await user.type(reply, 'Titebond{Enter}');
    expect(server.of('message')[0]).toMatchObject({ text: 'Titebond', reply_to: said(1, '').id });
  });

  // Requirements: R195
  it('counts down in slow mode', async () => {
    stopTheClock();
    const user = userEvent.setup();
    const slow = { ...RULES, slow_seconds: 30 };
    const { server } = open(joined([], { you: ME, settings: slow }));
    expect(await screen.findByText('Slow mode: one message every 30 s')).toBeTruthy();
    await user.type(field(), 'one{Enter}');
    const { ref } = server.of('message')[0] ?? {};
    server.say({ type: 'ack', ref: ref ?? null, id: said(1, '').id, state: 'delivered' });
    await user.type(field(), 'two');
    expect(await screen.findByRole('button', { name: 'Send, possible in 30 s' })).toBeTruthy();
  });

  it('leads strangers to the door and back', async () => {
    session.forget();
    const { view } = open(joined([], { you: guest }));
    expect(await screen.findByText('Sign in to write.')).toBeTruthy();
    const door = screen.getByRole('link', { name: 'Sign in' });
    expect(door.getAttribute('href')).toBe('/sign-in?next=%2Fwatch%2Fbird-house');
    expect(await accessibilityProblems(view.container)).toEqual([]);
  });

  it('says why nothing can be written, and until when', async () => {
    stopTheClock();
    const { server } = open(joined([], { you: ME }));
    await screen.findByText('Nobody has said anything yet');
    server.say({
      type: 'you',
      you: { ...ME, may: { ...ME.may, silent_until: Date.now() + 60_000 } },
    });
    expect(await screen.findByText(/You may write again in 60 s\./)).toBeTruthy();
    server.say({ type: 'bye', code: 'chat_banned', detail: '' });
    expect(await screen.findByText('You were banned from this chat.')).toBeTruthy();
  });

  // Requirements: R197
  it('looks as the reader wants it, and is read out only on request', async () => {
    const user = userEvent.setup();
    open(joined([said(1, 'hi')], { you: ME }));
    await seen('hi');
    expect(log().getAttribute('aria-live')).toBe('off');
    await user.click(screen.getByRole('button', { name: 'Appearance of the chat' }));
    await user.click(screen.getByRole('switch', { name: 'Times' }));
    await user.click(screen.getByRole('switch', { name: 'Read new messages out' }));
    await user.click(screen.getByRole('radio', { name: 'Large' }));
    expect(log().getAttribute('aria-live')).toBe('polite');
    expect(preferences.get()).toMatchObject({ timestamps: true, size: 'large' });
    expect(log().closest('section')?.dataset.timestamps).toBe('true');
  });

  // Requirements: R211
  it('hides what those wrote whom the reader blocks', async () => {
    const user = userEvent.setup();
    const { network } = open(
      joined([said(1, 'noise'), said(2, 'calm', author('Noa'))], { you: ME }),
    );
    const [row] = await screen.findAllByRole('article', { name: 'Message of Mira' });
    row?.focus();
    await user.keyboard('{Enter}');
    await user.click(screen.getByRole('button', { name: 'Block' }));
    await waitFor(() => expect(within(log()).queryByText('noise')).toBeNull());
    expect(within(log()).getByText('calm')).toBeTruthy();
    expect(network.of('PUT /me/blocks/0199-Mira')).toHaveLength(1);
  });

  // Requirements: R208
  it('reports a message to the moderators', async () => {
    const user = userEvent.setup();
    const { network, view } = open(joined([said(1, 'noise')], { you: ME }), {
      'POST /reports': () => json({}, 201),
    });
    const row = await screen.findByRole('article', { name: 'Message of Mira' });
    row.focus();
    await user.keyboard('{Enter}');
    await user.click(screen.getByRole('button', { name: 'Report' }));
    await user.click(screen.getByRole('radio', { name: /Spam/ }));
    await user.type(screen.getByRole('textbox', { name: /moderators know/ }), 'Every day');
    expect(await accessibilityProblems(view.container)).toEqual([]);
    await user.click(screen.getByRole('button', { name: 'Send the report' }));
    expect(await screen.findByText(/with the moderators/)).toBeTruthy();
    expect(network.of('POST /reports')[0]?.body).toEqual({
      target: 'message',
      stream_id: STREAM,
      message_id: said(1, '').id,
      report_type: 'spam',
      description: 'Every day',
    });
  });
});

it('says nothing outside the catalogue', async () => {
  const pinned = said(1, 'pinned');
  const { view } = open(joined([pinned], { you: ME, pinned }), {}, 'pseudo');
  await waitFor(() => expect(screen.getAllByText('pinned').length).toBeGreaterThan(0));
  const texts = [...view.container.querySelectorAll('h2, h3, label, legend')].map(
    ({ textContent }) => textContent,
  );
  expect(texts.length).toBeGreaterThan(1);
  expect(texts.filter((text) => !text.includes('⟦'))).toEqual([]);
  const spoken = [...view.container.querySelectorAll('[aria-label]')].map((element) =>
    element.getAttribute('aria-label'),
  );
  expect(spoken.filter((text) => text?.includes('⟦') !== true)).toEqual([]);
});
