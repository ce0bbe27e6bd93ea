import { act, render, screen, within } from '@testing-library/react';
import userEvent from '@testing-library/user-event';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import type { Diagnosis, Finding } from '@/lib/doctor/types';
import { I18nProvider, type Language } from '@/messages/i18n';
import { accessibilityProblems } from '@/testing/axe';
import { network } from '@/testing/doctor';
import { askedOf, streamFor } from './asked';
import DoctorPage from './DoctorPage';

const UDP: Finding = {
  code: 'udp_blocked',
  severity: 'warning',
  title: 'UDP is blocked',
  cause: 'No check to 203.0.113.7:8189 was answered over UDP, over TCP one was.',
  fix: 'Let UDP to port 8189 through the firewall.',
};
const MTU: Finding = {
  code: 'mtu_too_small',
  severity: 'error',
  title: 'Large packets are lost',
  cause: 'Messages of 1100 bytes are lost.',
  fix: 'Set the MTU to 1280.',
};
const UNHEARD: Finding = {
  code: 'no_relay',
  severity: 'info',
  title: 'Viewers get no relay',
  cause: 'No relay is configured.',
  fix: 'Set turn.enabled = true.',
};

beforeEach(() => void vi.useFakeTimers({ shouldAdvanceTime: true }));
afterEach(() => {
  vi.useRealTimers();
  vi.unstubAllGlobals();
  history.replaceState(null, '', '/');
});

function show(search = '', language: Language = 'en') {
  history.replaceState(null, '', `/doctor${search}`);
  return render(
    <I18nProvider initial={language}>
      <main>
        <DoctorPage />
      </main>
    </I18nProvider>,
  );
}

const pass = (ms = 60_000) => act(() => vi.advanceTimersByTimeAsync(ms));
const person = () => userEvent.setup({ advanceTimers: (ms) => vi.advanceTimersByTime(ms) });
const fine: Diagnosis = { way: 'udp', findings: [] };

describe('the page of the connection doctor', () => {
  it('waits until somebody wants to know, and says then that all is well', async () => {
    const fake = network({}, fine);
    const { container } = show();
    await pass(1000);
    expect(fake.sent).toEqual([]);
    await person().click(screen.getByRole('button', { name: 'Start the check' }));
    expect(screen.getByRole('progressbar')).toBeTruthy();
    await pass();
    expect(screen.getByText('Your connection is fine')).toBeTruthy();
    expect(screen.getByText('Nothing to mend.')).toBeTruthy();
    const rows = within(screen.getByRole('region', { name: 'Ways for the picture' }));
    expect(rows.getAllByText('works · 24 ms')).toHaveLength(2);
    vi.useRealTimers();
    expect(await accessibilityProblems(container)).toEqual([]);
  });

  it('says the worst first, in plain words, and keeps the exact ones for who can mend it', async () => {
    network({ udp: false }, { way: 'tcp', findings: [UNHEARD, UDP, MTU] });
    const { container } = show('?for=watch');
    await pass();
    expect(screen.getByText('Something is in the way')).toBeTruthy();
    const cards = screen.getAllByRole('article');
    expect(cards.map((card) => within(card).getByRole('heading').textContent)).toEqual([
      'Large packets are lost',
      'This network blocks the fastest way',
      // What the page has no words for, it says in those of the server.
      'Viewers get no relay',
    ]);
    const [first] = cards as [HTMLElement, ...HTMLElement[]];
    expect(within(first).getByText(/Switch off the VPN and try again/)).toBeTruthy();
    await person().click(within(first).getByText('For whoever runs the server or the network'));
    expect(within(first).getByText('Set the MTU to 1280.')).toBeTruthy();
    expect(within(first).getByText('Code: mtu_too_small')).toBeTruthy();
    vi.useRealTimers();
    expect(await accessibilityProblems(container)).toEqual([]);
  });

  it('copies all of it as text, without credentials', async () => {
    network({ udp: false }, { way: 'tcp', findings: [UDP] });
    const copied = vi.fn<(text: string) => Promise<void>>(() => Promise.resolve());
    vi.stubGlobal('isSecureContext', true);
    const user = person();
    vi.spyOn(navigator.clipboard, 'writeText').mockImplementation(copied);
    show('?for=watch&bitrate=1800000');
    await pass();
    await user.click(screen.getByRole('button', { name: 'Copy as text' }));
    const text = copied.mock.calls[0]?.[0] ?? '';
    for (const part of [
      'It works, and could be better. Live pictures take the direct way over TCP.',
      '- Direct, over UDP: does not get through',
      'udp 203.0.113.7:8189: no_answer',
      '- Compared with a stream of 1.8 Mbit/s',
      '[Could be better] This network blocks the fastest way (udp_blocked)',
      'Fix: Let UDP to port 8189 through the firewall.',
    ])
      expect(text).toContain(part);
    expect(text).not.toContain('1:doctor');
  });

  it('has words for a server that does not answer', async () => {
    const away = () => Promise.reject(new TypeError('Failed to fetch'));
    network({}, fine, { 'GET /doctor/node': away, 'POST /doctor/diagnosis': away });
    const { container } = show('?for=watch');
    await pass();
    expect(screen.getByText('Nothing gets through to the server.')).toBeTruthy();
    expect(screen.getByRole('heading', { name: 'The server does not answer' })).toBeTruthy();
    vi.useRealTimers();
    expect(await accessibilityProblems(container)).toEqual([]);
  });

  it('asks again with what is to be published in mind, and measures nothing anew', async () => {
    const fake = network({}, fine);
    show('?for=watch');
    await pass();
    await person().click(screen.getByRole('radio', { name: 'Go live' }));
    await pass(100);
    expect(screen.getByText('Compared with a stream of 3 Mbit/s')).toBeTruthy();
    expect(fake.of('POST /doctor/diagnosis')).toHaveLength(2);
    expect(fake.of('POST /doctor/upload')).toHaveLength(2);
  });

  it('speaks German too', async () => {
    network({ udp: false }, { way: 'tcp', findings: [UDP] });
    show('?for=watch', 'de');
    await pass();
    expect(screen.getByText('Dieses Netz sperrt den schnellsten Weg')).toBeTruthy();
  });
});

describe('the address of the page', () => {
  it('says what is to be watched or published', () => {
    expect(askedOf('for=publish&bitrate=4200000&codec=av1')).toEqual({
      stream: { direction: 'publish', bitrate_bps: 4_200_000, codec: 'av1' },
      begin: true,
    });
    expect(askedOf('bitrate=-1&codec=mp3')).toEqual({
      stream: { direction: 'watch', bitrate_bps: 2_500_000 },
      begin: false,
    });
  });

  it('says nothing of the other direction', () => {
    const asked = askedOf('for=watch&bitrate=900000&codec=vp8');
    expect(streamFor('watch', asked)).toEqual(asked.stream);
    expect(streamFor('publish', asked)).toEqual({ direction: 'publish', bitrate_bps: 3_000_000 });
  });
});
