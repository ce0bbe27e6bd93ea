import { screen, waitFor, within } from '@testing-library/react';
import userEvent from '@testing-library/user-event';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { session } from '@/lib/auth/session';
import { accessibilityProblems } from '@/testing/axe';
import { recordingCard } from '@/testing/recordings';
import { json, refuse } from '@/testing/server';
import { page } from '@/testing/streams';
import { CATEGORIES, person, REPORT, show, world } from './testing';

beforeEach(() => session.forget());
afterEach(() => {
  session.forget();
  vi.unstubAllGlobals();
});

describe('one person', () => {
  it('is disabled only with a reason and the handle typed', async () => {
    const network = world();
    network.on('PATCH /admin/accounts/p1', ({ body }) =>
      json(person(1, { state: 'disabled', ...(body as object) }), 200, { etag: '"v2"' }),
    );
    show('/admin/users/p1');
    const user = userEvent.setup();
    await user.click(await screen.findByRole('button', { name: 'Disable' }));
    const dialog = screen.getByRole('dialog', { name: 'Disable Person 1' });
    const go = within(dialog).getByRole<HTMLButtonElement>('button', { name: 'Disable' });
    await user.type(within(dialog).getByLabelText('Type person-1 to confirm'), 'person-1');
    expect(go.disabled).toBe(true);
    await user.type(within(dialog).getByLabelText('Reason'), 'Spam');
    expect(await accessibilityProblems(dialog)).toEqual([]);
    await user.click(go);
    expect(await screen.findByRole('button', { name: 'Let in again' })).toBeTruthy();
    const [sent] = network.of('PATCH /admin/accounts/p1');
    expect(sent?.body).toEqual({ disabled: true, disabled_reason: 'Spam' });
    expect(sent?.headers.get('if-match')).toBe('"v1"');
  });

  it('gets a role, and the last administrator keeps theirs', async () => {
    const network = world();
    network.on('PATCH /admin/accounts/p1', () => refuse(409, 'last_admin'));
    show('/admin/users/p1');
    const user = userEvent.setup();
    await user.selectOptions(await screen.findByLabelText('Role'), 'moderator');
    await user.click(screen.getByRole('button', { name: 'Save' }));
    expect((await screen.findByRole('alert')).textContent).toContain('last administrator');
    expect(network.of('PATCH /admin/accounts/p1')[0]?.body).toEqual({ role: 'moderator' });
  });
});

it('an invitation gives a link to hand on', async () => {
  const network = world();
  network.on('POST /admin/accounts', () => json({ invite_url: 'https://x/sign-up#token=1' }, 201));
  show('/admin/users');
  const user = userEvent.setup();
  await user.click(await screen.findByRole('button', { name: 'Invite' }));
  await user.type(screen.getByLabelText('Email'), 'zoe@example.org');
  await user.type(screen.getByLabelText('Name'), 'Zoë');
  await user.click(screen.getByRole('button', { name: 'Make the link' }));
  expect(await screen.findByText('https://x/sign-up#token=1')).toBeTruthy();
  expect(network.of('POST /admin/accounts')[0]?.body).toEqual({
    email: 'zoe@example.org',
    display_name: 'Zoë',
    handle: 'zoe',
    role: 'creator',
  });
});

it('the audit log shows details as text and where its chain breaks', async () => {
  world();
  const { container } = show('/admin/audit');
  expect(await screen.findByText('name: <b>x</b>')).toBeTruthy();
  expect(container.querySelector('td b')).toBeNull();
  await userEvent.click(screen.getByRole('button', { name: 'Verify the chain' }));
  expect((await screen.findByRole('alert')).textContent).toContain('entry 7');
});

it('categories move by buttons, and only what moved is written', async () => {
  const network = world();
  network.on('PATCH /admin/categories/c1', () => json({ ...CATEGORIES[0], position: 1 }));
  network.on('PATCH /admin/categories/c2', () => json({ ...CATEGORIES[1], position: 0 }));
  show('/admin/categories');
  await userEvent.click(await screen.findByRole('button', { name: 'Move Games up' }));
  await waitFor(() => expect(network.of('PATCH /admin/categories/c1')).toHaveLength(1));
  expect(network.of('PATCH /admin/categories/c2')[0]?.body).toEqual({ position: 0 });
  expect(
    screen.getAllByRole<HTMLInputElement>('textbox', { name: /Name of/ }).map(({ value }) => value),
  ).toEqual(['Games', 'Music']);
});

// Requirements: R209, R210
it('the queue of reports is worked through by keys', async () => {
  const network = world();
  network.on('PATCH /admin/reports/r1', ({ body }) =>
    json({ ...REPORT, ...(body as object), version: 2 }, 200, { etag: '"2"' }),
  );
  show('/admin/reports');
  const user = userEvent.setup();
  expect(await screen.findByText('1 pending')).toBeTruthy();
  screen.getByRole('article', { name: 'Message: cheap followers' }).focus();
  await user.keyboard('e');
  await waitFor(() => expect(screen.queryByText('cheap followers')).toBeNull());
  const [sent] = network.of('PATCH /admin/reports/r1');
  expect(sent?.body).toEqual({ status: 'resolved' });
  expect(sent?.headers.get('if-match')).toBe('"1"');
  expect(screen.getByText('None pending')).toBeTruthy();
});

const ROOMS = [
  '',
  'users',
  'users/p1',
  'streams',
  'reports',
  'categories',
  'audit',
  'mails',
  'settings',
  'diagnostics',
];

it.each(ROOMS)(
  'the room "%s" has no accessibility problem and no text outside the catalogue',
  async (room) => {
    world();
    const { container } = show(`/admin${room === '' ? '' : `/${room}`}`, 'pseudo');
    await waitFor(() => expect(container.querySelector('h1')).not.toBeNull());
    await waitFor(() => expect(screen.queryByText('⟦Löádíñg···⟧')).toBeNull());
    await new Promise((resolve) => setTimeout(resolve, 50));
    expect(await accessibilityProblems(container)).toEqual([]);
    const own = /^(Person \d|Person \d@person-\d|Music|Games)$/;
    const texts = [...container.querySelectorAll('h1, h2, label, th, legend, button, option')]
      .map((element) => element.textContent)
      .filter((text) => text !== '' && !own.test(text));
    expect(texts.filter((text) => !text.includes('⟦'))).toEqual([]);
  },
);

// Requirements: R133
it('recordings are listed with what room they take, those that were deleted on demand', async () => {
  const network = world();
  network.on('GET /admin/recordings', ({ query }) =>
    json(
      page(
        query.get('deleted') === 'true'
          ? [recordingCard('2', { deleted_at: 1 })]
          : [recordingCard('1', { failure: 'No ffmpeg.' })],
      ),
    ),
  );
  show('/admin/recordings');
  const row = (await screen.findByRole('link', { name: /Part 1/ })).closest('tr') as HTMLElement;
  expect(row.textContent).toContain('1.2 GB');
  expect(row.querySelector('[title="No ffmpeg."]')).toBeTruthy();
  expect(await accessibilityProblems(screen.getByRole('table'))).toEqual([]);
  await userEvent.selectOptions(screen.getByRole('combobox'), 'Deleted');
  expect(await screen.findByRole('link', { name: /Part 2/ })).toBeTruthy();
});
