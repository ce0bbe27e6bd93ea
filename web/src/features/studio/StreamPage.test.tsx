import { act, render, screen, waitFor, within } from '@testing-library/react';
import userEvent from '@testing-library/user-event';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { session } from '@/lib/auth/session';
import { accessibilityProblems } from '@/testing/axe';
import { somebody, tokensOf } from '@/testing/people';
import { json, nothing, refuse, serve, type FakeNetwork } from '@/testing/server';
import { FakeEvents, key, page, stream } from '@/testing/streams';
import StreamPage from './StreamPage';

const MINE = stream('tour', { title: 'Tour', editable: true, state: 'offline', live_since: null });
const AT = `/streams/${MINE.id}`;

function network(more: Parameters<typeof serve>[0] = {}): FakeNetwork {
  return serve({
    'GET /server': () => json({ whip_url: 'http://media.example/whip' }),
    'GET /streams/categories': () => json([]),
    'GET /streams/tour': () => json(MINE, 200, { etag: '"v1"' }),
    [`GET ${AT}`]: () => json(MINE, 200, { etag: '"v1"' }),
    [`GET ${AT}/keys`]: () => json(page([key('Default'), key('Old', { revoked_at: 5 })])),
    ...more,
  });
}

function show(section: string, search = '') {
  history.replaceState(null, '', `/studio/tour/${section}${search}`);
  return render(<StreamPage stream="tour" section={section} />);
}

beforeEach(() => {
  session.accept(tokensOf(somebody('creator')));
  FakeEvents.install();
  vi.stubGlobal('RTCRtpSender', {
    getCapabilities: () => ({ codecs: [{ mimeType: 'video/H264' }] }),
  });
});
afterEach(() => {
  session.forget();
  vi.unstubAllGlobals();
});

describe('going live', () => {
  it('begins with two ways, and each has its address', async () => {
    network();
    const { container } = show('live');
    await userEvent.click(await screen.findByRole('button', { name: /OBS or another encoder/ }));
    expect(location.search).toBe('?with=encoder');
    expect(await screen.findByText('http://media.example/whip/tour')).toBeTruthy();
    expect(await accessibilityProblems(container)).toEqual([]);
  });

  // Requirements: R67, R400
  it('turns the tick green the moment an encoder connects', async () => {
    network();
    show('live', '?with=encoder');
    expect(await screen.findByText('Waiting for an encoder')).toBeTruthy();
    await waitFor(() => expect(FakeEvents.hears(`studio:${MINE.id}`)).toBe(true));
    act(() => FakeEvents.say(`studio:${MINE.id}`, 'key.connected', { key: 'key-Default' }));
    expect(screen.getByText('An encoder is connected')).toBeTruthy();
    act(() => FakeEvents.say(`studio:${MINE.id}`, 'key.disconnected', { key: 'key-Default' }));
    expect(screen.getByText('Waiting for an encoder')).toBeTruthy();
  });

  it('says in its head what happens, from the first packet to the end', async () => {
    const fake = network();
    const { container } = show('details');
    const pill = () => container.querySelector('header p')?.textContent;
    await waitFor(() => expect(pill()).toContain('Offline'));
    // It is read once by its name and once by the id that the first answer told.
    await waitFor(() => expect(fake.of(`GET ${AT}`)).toHaveLength(1));
    await waitFor(() => expect(FakeEvents.hears(`studio:${MINE.id}`)).toBe(true));
    const say = (event: string, data: unknown = {}) =>
      act(() => FakeEvents.say(`studio:${MINE.id}`, event, data));
    say('key.connected', { key: 'key-Default' });
    expect(pill()).toContain('Starting');
    say('stream.online');
    expect(pill()).toContain('Live');
    say('stream.stats', { state: 'gap', viewers: 2 });
    expect(pill()).not.toContain('Live');
    say('stream.stats', { state: 'live', viewers: 2 });
    expect(pill()).toContain('Live');
    say('key.disconnected', { key: 'key-Default' });
    say('stream.offline');
    expect(pill()).toContain('Offline');
    // A form that is being filled in keeps what it was filled from.
    expect(fake.of(`GET ${AT}`)).toHaveLength(1);
  });

  it('puts the shown key into the commands, masked on the screen', async () => {
    const fake = network({
      [`POST ${AT}/keys/key-Default/show`]: () => json({ key: 'sk_secret' }),
    });
    const { container } = show('live', '?with=encoder');
    await userEvent.click(
      await screen.findByRole('button', { name: 'Show the key Default …wxyz' }),
    );
    expect(await screen.findByText('sk_secret')).toBeTruthy();
    expect(container.querySelector('pre')?.textContent).not.toContain('sk_secret');
    await userEvent.click(screen.getByRole('button', { name: 'Hide the key Default …wxyz' }));
    expect(screen.queryByText('sk_secret')).toBeNull();
    expect(fake.of(`POST ${AT}/keys/key-Default/show`)).toHaveLength(1);
  });

  // Requirements: R62
  it('asks once before it ends a broadcast', async () => {
    const live = { ...MINE, state: 'live', viewers: 2 };
    const fake = network({
      'GET /streams/tour': () => json(live, 200, { etag: '"v1"' }),
      [`GET ${AT}`]: () => json(live, 200, { etag: '"v1"' }),
      [`POST ${AT}/end`]: () => new Response(null, { status: 202 }),
    });
    const { container } = show('live');
    await userEvent.click(await screen.findByRole('button', { name: 'End stream' }));
    expect(screen.getByText(/2 viewers are watching/)).toBeTruthy();
    expect(fake.of(`POST ${AT}/end`)).toHaveLength(0);
    expect(await accessibilityProblems(container)).toEqual([]);
    const dialog = screen.getByRole('dialog');
    await userEvent.click(within(dialog).getByRole('button', { name: 'End stream' }));
    expect(fake.of(`POST ${AT}/end`)).toHaveLength(1);
  });

  it('saves what was typed before it publishes, and stays off the air where that fails', async () => {
    const user = userEvent.setup();
    const fake = network({ [`PATCH ${AT}`]: () => refuse(503, 'unavailable') });
    show('live', '?with=browser');
    await user.type(await screen.findByDisplayValue('Tour'), ' two');
    await user.click(screen.getByRole('button', { name: 'Go live' }));
    expect((await screen.findByRole('alert')).textContent).toContain('cannot reach its database');
    expect(fake.of(`PATCH ${AT}`)[0]?.body).toEqual({ title: 'Tour two' });
    expect(fake.sent.some(({ path }) => path.startsWith('/whip'))).toBe(false);
  });
});

describe('details', () => {
  // Requirements: R61
  it('send only what was changed, with the version that was read', async () => {
    const user = userEvent.setup();
    const fake = network({
      [`PATCH ${AT}`]: () => json({ ...MINE, title: 'Tour two' }, 200, { etag: '"v2"' }),
    });
    const { container } = show('details');
    await user.type(await screen.findByDisplayValue('Tour'), ' two');
    await user.type(screen.getByLabelText('Tags'), 'wood,');
    await user.click(screen.getByRole('button', { name: 'Save changes' }));
    expect(await screen.findByText('Saved')).toBeTruthy();
    const [sent] = fake.of(`PATCH ${AT}`);
    expect(sent?.body).toEqual({ title: 'Tour two', tags: ['wood'] });
    expect(sent?.headers.get('if-match')).toBe('"v1"');
    expect(await accessibilityProblems(container)).toEqual([]);
  });

  it('ask which version to keep when somebody else was faster', async () => {
    const user = userEvent.setup();
    let version = 1;
    const theirs = { ...MINE, title: 'Theirs' };
    const fake = network({
      [`PATCH ${AT}`]: ({ headers }) => {
        if (version === 1 && headers.get('if-match') === '"v1"') {
          version = 2;
          return refuse(412, 'version_conflict');
        }
        return json({ ...theirs, title: 'Mine' }, 200, { etag: '"v3"' });
      },
      [`GET ${AT}`]: () => json(version === 1 ? MINE : theirs, 200, { etag: `"v${version}"` }),
    });
    const { container } = show('details');
    const title = await screen.findByDisplayValue('Tour');
    await user.clear(title);
    await user.type(title, 'Mine');
    await user.click(screen.getByRole('button', { name: 'Save changes' }));
    const dialog = await screen.findByRole('dialog', { name: 'Somebody else changed this' });
    expect(dialog.textContent).toContain('Theirs');
    expect(await accessibilityProblems(container)).toEqual([]);
    await user.click(within(dialog).getByRole('button', { name: 'Save mine' }));
    await screen.findByText('Saved');
    expect(fake.of(`PATCH ${AT}`).map(({ headers }) => headers.get('if-match'))).toEqual([
      '"v1"',
      '"v2"',
    ]);
  });

  // Requirements: R72
  it('take a picture that the server takes, and no other', async () => {
    const user = userEvent.setup({ applyAccept: false });
    const fake = network({ [`PUT ${AT}/thumbnail`]: () => nothing() });
    show('details');
    const field = await screen.findByLabelText('Choose a picture');
    await user.upload(field, new File(['x'], 'a.svg', { type: 'image/svg+xml' }));
    expect(screen.getByRole('alert').textContent).toBe('Choose a JPEG, PNG or WebP picture.');
    await user.upload(field, new File(['x'], 'a.png', { type: 'image/png' }));
    await waitFor(() => expect(fake.of(`PUT ${AT}/thumbnail`)).toHaveLength(1));
    expect(fake.of(`PUT ${AT}/thumbnail`)[0]?.headers.get('content-type')).toBe('image/png');
  });

  it('delete the stream only after its name was typed', async () => {
    const user = userEvent.setup();
    const fake = network({ [`DELETE ${AT}`]: () => nothing() });
    show('details');
    await user.click(await screen.findByRole('button', { name: 'Delete stream' }));
    const dialog = screen.getByRole('dialog');
    const button = within(dialog).getByRole('button', { name: 'Delete stream' });
    expect((button as HTMLButtonElement).disabled).toBe(true);
    await user.type(screen.getByLabelText('Type tour to confirm'), 'tour');
    await user.click(button);
    await waitFor(() => expect(location.pathname).toBe('/studio'));
    expect(fake.of(`DELETE ${AT}`)).toHaveLength(1);
  });
});

describe('the history of broadcasts', () => {
  // Requirements: R70, R71
  it('has each with its audience', async () => {
    network({
      [`GET ${AT}/broadcasts`]: () =>
        json(
          page([
            {
              id: 'b',
              started_at: 0,
              live_at: 0,
              ended_at: 3_600_000,
              end_reason: 'publisher_lost',
              title: 'Tour',
              peak_viewers: 12,
              joins: 90,
              watch_seconds: 7200,
              codec: 'h264',
            },
          ]),
        ),
    });
    const { container } = show('broadcasts');
    const row = (await screen.findByRole('rowheader')).closest('tr');
    expect(row?.textContent).toContain('1:00:00');
    expect(row?.textContent).toContain('2 h');
    expect(row?.textContent).toContain('a lost connection');
    expect(await accessibilityProblems(container)).toEqual([]);
  });
});

it('a stream of somebody else is none of the studio', async () => {
  network({
    'GET /streams/tour': () => json({ ...MINE, editable: false }),
    [`GET ${AT}`]: () => json({ ...MINE, editable: false }),
  });
  show('live');
  expect(await screen.findByRole('heading', { name: 'You have no such stream' })).toBeTruthy();
});
