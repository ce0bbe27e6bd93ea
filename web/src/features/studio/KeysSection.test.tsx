import { render, screen, waitFor, within } from '@testing-library/react';
import userEvent from '@testing-library/user-event';
import { afterEach, expect, it, vi } from 'vitest';
import '@/messages/areas/studio';
import { accessibilityProblems } from '@/testing/axe';
import { json, nothing, serve, type FakeNetwork } from '@/testing/server';
import { key, page, stream } from '@/testing/streams';
import { KeysSection } from './KeysSection';

const MINE = stream('tour', { editable: true });
const AT = `/streams/${MINE.id}`;

function network(more: Parameters<typeof serve>[0] = {}): FakeNetwork {
  return serve({
    [`GET ${AT}/keys`]: () => json(page([key('Default'), key('Old', { revoked_at: 5 })])),
    ...more,
  });
}

function show() {
  return render(
    <main>
      <h1>Tour</h1>
      <KeysSection stream={MINE} round={0} />
    </main>,
  );
}

afterEach(() => vi.unstubAllGlobals());

// Requirements: R377
it('keys are masked but for their end, and those that were revoked are not there', async () => {
  network();
  const { container } = show();
  expect(await screen.findByText(/••••wxyz$/)).toBeTruthy();
  expect(screen.queryByText('Old')).toBeNull();
  expect(await accessibilityProblems(container)).toEqual([]);
});

// Requirements: R79
it('keys are made with a name and an end, and shown once', async () => {
  const user = userEvent.setup();
  const fake = network({
    [`POST ${AT}/keys`]: () => json({ key: 'sk_new', stream_key: key('OBS') }, 201),
  });
  const { container } = show();
  await user.click(await screen.findByRole('button', { name: 'Add key' }));
  const dialog = screen.getByRole('dialog');
  await user.click(within(dialog).getByRole('button', { name: 'Add key' }));
  expect(screen.getByText('Enter a name.')).toBeTruthy();
  await user.type(screen.getByLabelText('Name'), 'OBS');
  await user.selectOptions(screen.getByLabelText('Valid for'), '7');
  await user.click(within(dialog).getByRole('button', { name: 'Add key' }));
  expect(await screen.findByRole('heading', { name: 'Your new key' })).toBeTruthy();
  expect(await accessibilityProblems(container)).toEqual([]);
  const sent = fake.of(`POST ${AT}/keys`)[0]?.body as { name: string; expires_at: number };
  expect(sent.name).toBe('OBS');
  expect(Math.round((sent.expires_at - Date.now()) / 86_400_000)).toBe(7);
});

// Requirements: R80
it('keys are rotated with an overlap, and revoked after a question', async () => {
  const user = userEvent.setup();
  const fake = network({
    [`POST ${AT}/keys/key-Default/rotate`]: () =>
      json({ key: 'sk_new', stream_key: key('Default') }),
    [`DELETE ${AT}/keys/key-Default`]: () => nothing(),
  });
  show();
  await user.click(await screen.findByRole('button', { name: 'Rotate the key Default …wxyz' }));
  await user.selectOptions(screen.getByLabelText('Old key works for'), '3600');
  await user.click(screen.getByRole('button', { name: 'Rotate key' }));
  await screen.findByRole('heading', { name: 'Your new key' });
  expect(fake.of(`POST ${AT}/keys/key-Default/rotate`)[0]?.body).toEqual({
    overlap_seconds: 3600,
  });
  const made = screen.getByRole('dialog');
  await user.click(within(made).getAllByRole('button', { name: 'Close' })[0] as HTMLElement);
  await user.click(screen.getByRole('button', { name: 'Revoke the key Default …wxyz' }));
  expect(fake.of(`DELETE ${AT}/keys/key-Default`)).toHaveLength(0);
  await user.click(screen.getByRole('button', { name: 'Revoke key' }));
  await waitFor(() => expect(fake.of(`DELETE ${AT}/keys/key-Default`)).toHaveLength(1));
});
