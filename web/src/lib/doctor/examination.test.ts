import { afterEach, beforeEach, expect, it, vi } from 'vitest';
import { ALL, leftOpen, network, NODE } from '@/testing/doctor';
import { refuse } from '@/testing/server';
import { Examination } from './examination';
import { STEPS } from './steps';
import type { Diagnosis, Facts } from './types';

const FINE: Diagnosis = { way: 'udp', findings: [] };
const STREAM = { direction: 'watch', bitrate_bps: 2_500_000 } as const;

beforeEach(() => void vi.useFakeTimers());
afterEach(() => {
  vi.useRealTimers();
  vi.unstubAllGlobals();
});

async function examined(): Promise<Examination> {
  const examination = new Examination(STREAM);
  void examination.start();
  await vi.advanceTimersByTimeAsync(60_000);
  return examination;
}

it('measures every way by itself, tells the server all of it, and closes what it opened', async () => {
  const fake = network({}, FINE);
  const examination = await examined();
  const { phase, steps, facts, diagnosis, problem } = examination.state.get();
  expect({ phase, diagnosis, problem }).toEqual({ phase: 'done', diagnosis: FINE, problem: null });
  expect(STEPS.filter((step) => steps[step] !== 'done')).toEqual([]);
  expect(facts).toMatchObject({
    vantage: 'browser',
    stream: STREAM,
    http: { outcome: 'works', origin: location.origin },
    websocket: { outcome: 'works' },
    paths: [
      { transport: 'udp', outcome: 'works', target: '203.0.113.7:8189', round_trip_ms: 24 },
      { transport: 'tcp', outcome: 'works', target: '203.0.113.7:8189', round_trip_ms: 24 },
      { transport: 'relay_udp', outcome: 'works', target: NODE.relays[0]?.url },
    ],
    quality: { sent: 200, received: 200, round_trip_ms: 24, jitter_ms: 0 },
    sizes: { largest_answered: 1100 },
  });
  expect(facts.rates?.down_bps).toBeGreaterThan(7e6);
  expect(facts.rates?.down_bps).toBeLessThan(9e6);
  expect(facts.rates?.up_bps).toBe(8e6);
  expect(facts.clock_offset_ms).toBeCloseTo(40, 0);
  const [sent] = fake.of('POST /doctor/diagnosis');
  expect(sent?.body).toEqual(JSON.parse(JSON.stringify(facts)));
  // Credentials of relays are nobody's business.
  expect(JSON.stringify(sent?.body)).not.toContain('credential');
  expect(fake.of('DELETE /doctor/session/s1')).toHaveLength(2);
  expect(leftOpen()).toBe(0);
});

it('says which ways are closed, and measures over the best that is left', async () => {
  network({ udp: false }, { way: 'tcp', findings: [] });
  const { facts } = (await examined()).state.get();
  expect(facts.paths.slice(0, 2)).toEqual([
    { transport: 'udp', outcome: 'fails', failure: 'no_answer', target: '203.0.113.7:8189' },
    { transport: 'tcp', outcome: 'works', target: '203.0.113.7:8189', round_trip_ms: 24 },
  ]);
  expect(facts.quality?.received).toBe(200);
});

it('goes all the way through a relay where nothing else works', async () => {
  network({ udp: false, tcp: false }, { way: 'relay', findings: [] });
  const { facts } = (await examined()).state.get();
  expect(facts.paths.map(({ outcome }) => outcome)).toEqual(['fails', 'fails', 'works']);
  expect(facts.quality?.received).toBe(200);
  expect(leftOpen()).toBe(0);
});

it('leaves out what could not be measured where no way works', async () => {
  const fake = network({ udp: false, tcp: false, relays: [] }, { way: 'http', findings: [] });
  const { facts, steps } = (await examined()).state.get();
  expect(facts.paths.map(({ failure }) => failure)).toEqual([
    'no_answer',
    'no_answer',
    'no_answer',
  ]);
  expect(steps.quality).toBe('skipped');
  const told = fake.of('POST /doctor/diagnosis')[0]?.body as Facts;
  expect([told.quality, told.sizes]).toEqual([undefined, undefined]);
  expect(told.rates?.down_bps).toBeGreaterThan(0);
});

it('counts what is lost, and tells size from chance', async () => {
  network({ echoes: (number, bytes) => bytes <= 100 && number % 10 !== 0 }, FINE);
  const { facts } = (await examined()).state.get();
  expect(facts.sizes).toEqual({ largest_answered: 100, smallest_lost: 1100 });
  expect(facts.quality).toMatchObject({ sent: 200, received: 180 });
});

it('knows that a server is silent, and asks it for no diagnosis', async () => {
  const fake = network({}, FINE, {
    'GET /doctor/node': () => Promise.reject(new TypeError('Failed to fetch')),
    'POST /doctor/diagnosis': () => Promise.reject(new TypeError('Failed to fetch')),
  });
  const { phase, facts, steps, diagnosis, problem } = (await examined()).state.get();
  expect({ phase, diagnosis, code: problem?.code }).toEqual({
    phase: 'done',
    diagnosis: null,
    code: 'network',
  });
  expect(facts.http).toEqual({ origin: location.origin, outcome: 'fails', failure: 'other' });
  expect(steps.udp).toBe('skipped');
  expect(fake.of('POST /doctor/session')).toEqual([]);
});

it('goes on where the server has enough of it, and says so', async () => {
  network({}, FINE, { 'POST /doctor/session': () => refuse(429, 'rate_limited') });
  const { facts, steps, problem, diagnosis } = (await examined()).state.get();
  expect([steps.udp, steps.tcp, steps.quality, steps.down]).toEqual([
    'skipped',
    'skipped',
    'skipped',
    'done',
  ]);
  // What was not tried did not fail.
  expect(facts.paths.map(({ transport }) => transport)).toEqual(['relay_udp']);
  expect([problem?.code, diagnosis]).toEqual(['rate_limited', FINE]);
});

it('sees the same measurements with another stream in mind', async () => {
  const fake = network({}, FINE);
  const examination = await examined();
  const publish = { direction: 'publish', bitrate_bps: 6_000_000 } as const;
  await examination.compare(publish);
  const told = fake.of('POST /doctor/diagnosis').map(({ body }) => (body as Facts).stream);
  expect(told).toEqual([STREAM, publish]);
  expect(fake.of('POST /doctor/session')).toHaveLength(2);
});

it('stops at once, closes everything, and can begin anew', async () => {
  network({ roundTrip: 200 }, FINE);
  const examination = new Examination(STREAM);
  void examination.start();
  await vi.advanceTimersByTimeAsync(300);
  examination.stop();
  expect(examination.state.get()).toMatchObject({ phase: 'idle', diagnosis: null });
  await vi.advanceTimersByTimeAsync(60_000);
  expect(examination.state.get().phase).toBe('idle');
  expect(leftOpen()).toBe(0);
  void examination.start();
  await vi.advanceTimersByTimeAsync(60_000);
  expect(examination.state.get().phase).toBe('done');
});

it('is told by its browser that it has no such connections', async () => {
  network(ALL, FINE);
  Reflect.deleteProperty(window, 'RTCPeerConnection');
  const { steps, diagnosis } = (await examined()).state.get();
  expect([steps.udp, steps.relay, steps.quality, steps.up]).toEqual([
    'skipped',
    'skipped',
    'skipped',
    'done',
  ]);
  expect(diagnosis).toEqual(FINE);
});
