import { render, screen } from '@testing-library/react';
import userEvent from '@testing-library/user-event';
import { expect, it, vi } from 'vitest';
import { accessibilityProblems } from '@/testing/axe';
import { CopyLine } from './Copy';
import { Segmented, SelectField, Switch, TextField } from './Fields';
import { Menu } from './Menu';
import { bitrateText, durationText, latencyText } from './units';

const t = (key: string, values?: Record<string, string | number>) =>
  `${values?.value ?? ''} ${key}`;

const GROUPS = [
  {
    title: 'Quality',
    value: 'm',
    choices: [
      { value: 'h', label: '720p' },
      { value: 'm', label: '360p' },
    ],
  },
];

it('a menu opens on the choice in force, moves by arrows and closes with Escape', async () => {
  const user = userEvent.setup();
  const choose = vi.fn();
  render(<Menu label="Quality" trigger="open" groups={GROUPS} onChoose={choose} />);
  const trigger = screen.getByRole('button', { name: 'Quality' });
  await user.click(trigger);
  expect(screen.getByRole('menuitemradio', { name: '360p' })).toSatisfy(
    (item: HTMLElement) => item.getAttribute('aria-checked') === 'true',
  );
  expect(document.activeElement).toBe(screen.getByRole('menuitemradio', { name: '360p' }));
  await user.keyboard('{ArrowDown}');
  expect(document.activeElement).toBe(screen.getByRole('menuitemradio', { name: '720p' }));
  await user.keyboard('{Escape}');
  expect(screen.queryByRole('menu')).toBeNull();
  expect(document.activeElement).toBe(trigger);
  await user.click(trigger);
  await user.click(screen.getByRole('menuitemradio', { name: '720p' }));
  expect(choose).toHaveBeenCalledExactlyOnceWith('h');
});

it('a secret is masked until it is shown', async () => {
  const user = userEvent.setup();
  render(<CopyLine label="Key" value="demo.secret" secret />);
  expect(screen.queryByText('demo.secret')).toBeNull();
  await user.click(screen.getByRole('button', { name: 'Show: Key' }));
  expect(screen.getByText('demo.secret')).toBeTruthy();
});

it('controls have names, descriptions and no accessibility problems', async () => {
  const { container } = render(
    <div>
      <TextField label="Stream name" hint="Lower case" error="Too long" defaultValue="x" />
      <SelectField
        label="Codec"
        options={[{ value: 'a', label: 'A' }]}
        value="a"
        onChoose={() => undefined}
      />
      <Switch label="Simulcast" hint="Three sizes" checked onChange={() => undefined} />
      <Segmented
        label="Source"
        value="a"
        options={[
          { value: 'a', label: 'A' },
          { value: 'b', label: 'B' },
        ]}
        onChoose={() => undefined}
      />
      <Menu label="Quality" trigger="open" groups={GROUPS} onChoose={() => undefined} />
      <CopyLine label="Key" value="secret" secret />
    </div>,
  );
  await userEvent.click(screen.getByRole('button', { name: 'Quality' }));
  expect(await accessibilityProblems(container)).toEqual([]);
});

it('numbers are short and steady', () => {
  expect(bitrateText(2_449_000, t as never)).toBe('2.4 unit.mbps');
  expect(bitrateText(849_600, t as never)).toBe('850 unit.kbps');
  expect(latencyText({ ms: 41.6, estimated: false }, t as never)).toBe('42 unit.ms');
  expect(latencyText({ ms: 41.6, estimated: true }, t as never)).toBe('~42 unit.ms');
  expect(latencyText({ ms: 1260, estimated: false }, t as never)).toBe('1.3 unit.seconds');
  expect([durationText(42_000), durationText(725_000), durationText(3_753_000)]).toEqual([
    '0:42',
    '12:05',
    '1:02:33',
  ]);
});
