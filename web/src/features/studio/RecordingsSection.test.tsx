import '@/messages/areas/studio';
import { render, screen, waitFor, within } from '@testing-library/react';
import userEvent from '@testing-library/user-event';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { session } from '@/lib/auth/session';
import type { Recording } from '@/lib/recordings/types';
import type { Stream, StreamEdit } from '@/lib/streams/types';
import { accessibilityProblems } from '@/testing/axe';
import { somebody, tokensOf } from '@/testing/people';
import { recording, recordingCard } from '@/testing/recordings';
import { json, nothing, refuse, serve } from '@/testing/server';
import { page, stream } from '@/testing/streams';
import { RecordingsSection } from './RecordingsSection';

const STREAM = stream('bird-house', { state: 'offline', editable: true });
const LIST = `GET /streams/${STREAM.id}/recordings`;

beforeEach(() => session.accept(tokensOf(somebody('creator'))));
afterEach(() => {
  session.forget();
  vi.unstubAllGlobals();
  history.replaceState(null, '', '/');
});

function show(change: Partial<Stream> = {}, query = '') {
  const onSave = vi.fn<(edit: StreamEdit) => Promise<Stream>>().mockResolvedValue(STREAM);
  history.replaceState(null, '', `/studio/bird-house/recordings${query}`);
  return {
    onSave,
    ...render(<RecordingsSection stream={{ ...STREAM, ...change }} onSave={onSave} />),
  };
}

describe('the recordings of a stream', () => {
  // Requirements: R133, R136
  it('are listed with their state, length, size and visibility', async () => {
    serve({
      [LIST]: () =>
        json(
          page([
            recordingCard('1', { state: 'processing' }),
            recordingCard('2', { visibility: 'private' }),
            recordingCard('3', { state: 'failed', failure: 'No picture came.' }),
          ]),
        ),
    });
    const { container } = show();
    const rows = await screen.findAllByRole('listitem');
    expect(rows).toHaveLength(3);
    expect(within(rows[0] as HTMLElement).getByText('Processing')).toBeTruthy();
    expect(within(rows[1] as HTMLElement).getByText('Private')).toBeTruthy();
    expect(within(rows[1] as HTMLElement).getByText('1.2 GB')).toBeTruthy();
    expect(within(rows[1] as HTMLElement).getByText('1:00:00')).toBeTruthy();
    expect(within(rows[2] as HTMLElement).getByText('No picture came.')).toBeTruthy();
    expect(await accessibilityProblems(container)).toEqual([]);
  });

  it('are deleted at once, and come back by one click', async () => {
    let there = true;
    const fake = serve({
      [LIST]: () => json(page(there ? [recordingCard('1')] : [])),
      'DELETE /recordings/1': () => {
        there = false;
        return nothing();
      },
      'POST /recordings/1/restore': () => {
        there = true;
        return json(recording('1'));
      },
    });
    show();
    await userEvent.click(await screen.findByRole('button', { name: 'Delete Part 1' }));
    expect(await screen.findByText('Deleted Part 1')).toBeTruthy();
    expect(screen.queryByRole('listitem')).toBeNull();
    await userEvent.click(screen.getByRole('button', { name: 'Undo' }));
    expect(await screen.findByRole('listitem')).toBeTruthy();
    expect(fake.of('POST /recordings/1/restore')).toHaveLength(1);
  });

  it('stay where the server keeps them, and say so', async () => {
    serve({
      [LIST]: () => json(page([recordingCard('1')])),
      'DELETE /recordings/1': () => refuse(409, 'recording_not_ready'),
    });
    show();
    await userEvent.click(await screen.findByRole('button', { name: 'Delete Part 1' }));
    expect(await screen.findByText(/not finished yet/)).toBeTruthy();
    expect(await screen.findByRole('listitem')).toBeTruthy();
  });

  it('are made or not as the switch says', async () => {
    serve({ [LIST]: () => json(page([])) });
    const { onSave } = show();
    expect(await screen.findByRole('heading', { name: 'No recordings yet' })).toBeTruthy();
    await userEvent.click(screen.getByRole('switch', { name: 'Record broadcasts' }));
    expect(onSave).toHaveBeenCalledWith({ record: false });
    await userEvent.selectOptions(screen.getByLabelText('Keep for'), '30 days');
    expect(onSave).toHaveBeenCalledWith({ keep_recordings_days: 30 });
  });
});

describe('one recording', () => {
  function edit(change: Partial<Recording> = {}) {
    const fake = serve({
      'GET /recordings/1': () =>
        json(recording('1', { editable: true, hls_url: null, ...change }), 200, { etag: '"3"' }),
      'PATCH /recordings/1': ({ body }) =>
        json(recording('1', { editable: true, hls_url: null, ...(body as object) }), 200, {
          etag: '"4"',
        }),
      'PUT /recordings/1/chapters': ({ body }) =>
        json(recording('1', { hls_url: null, ...(body as { chapters: [] }) })),
    });
    const { container } = show({}, '?edit=1');
    return { fake, container };
  }

  it('sends only what was changed, with the version that was read', async () => {
    const { fake, container } = edit();
    const title = await screen.findByLabelText('Title');
    await userEvent.clear(title);
    await userEvent.type(title, 'Roof');
    await userEvent.click(screen.getByRole('radio', { name: /Unlisted/ }));
    const [save] = screen.getAllByRole('button', { name: 'Save changes' });
    await userEvent.click(save as HTMLElement);
    await waitFor(() => expect(fake.of('PATCH /recordings/1')).toHaveLength(1));
    const [sent] = fake.of('PATCH /recordings/1');
    expect(sent?.body).toEqual({ title: 'Roof', visibility: 'unlisted' });
    expect(sent?.headers.get('if-match')).toBe('"3"');
    expect(await accessibilityProblems(container)).toEqual([]);
  });

  it('is cut, but not beyond itself', async () => {
    const { fake } = edit();
    const start = await screen.findByLabelText('Starts at');
    const end = screen.getByLabelText('Ends at');
    const save = screen.getAllByRole('button', { name: 'Save changes' })[1] as HTMLElement;
    await userEvent.clear(end);
    await userEvent.type(end, '2:00:00');
    await userEvent.click(save);
    expect(await screen.findByText('The recording is 1:00:00 long.')).toBeTruthy();
    await userEvent.clear(start);
    await userEvent.type(start, '1:30');
    await userEvent.clear(end);
    await userEvent.type(end, '1:00:00');
    await userEvent.click(save);
    await waitFor(() => expect(fake.of('PATCH /recordings/1')).toHaveLength(1));
    expect(fake.of('PATCH /recordings/1')[0]?.body).toEqual({
      trim_start_ms: 90_000,
      trim_end_ms: null,
    });
  });

  it('gets chapters in the order of their times, each with a title', async () => {
    const { fake } = edit({ chapters: [{ at_ms: 60_000, title: 'Roof' }] });
    await userEvent.click(await screen.findByRole('button', { name: 'Add a chapter here' }));
    await userEvent.click(screen.getByRole('button', { name: 'Save chapters' }));
    expect(await screen.findByText('Every chapter needs a title.')).toBeTruthy();
    const titles = screen.getAllByRole('textbox', { name: 'Title' });
    await userEvent.type(titles.at(-1) as HTMLElement, 'Hello');
    await userEvent.click(screen.getByRole('button', { name: 'Save chapters' }));
    await waitFor(() => expect(fake.of('PUT /recordings/1/chapters')).toHaveLength(1));
    expect(fake.of('PUT /recordings/1/chapters')[0]?.body).toEqual({
      chapters: [
        { at_ms: 0, title: 'Hello' },
        { at_ms: 60_000, title: 'Roof' },
      ],
    });
  });
});
