import { describe, expect, it } from 'vitest';
import { ClockSync } from './clock';
import { captureTime, estimateLatency, LatencyMeter, median } from './latency';

const ORIGIN = 1_700_000_000_000;

function syncedClock(offset: number): ClockSync {
  const clock = new ClockSync();
  clock.add(ORIGIN, ORIGIN + 4, ORIGIN + 2 + offset);
  return clock;
}

function meterAt(offset: number, rtp: number, capturedMs: number): LatencyMeter {
  const meter = new LatencyMeter(syncedClock(offset), ORIGIN);
  meter.handle({ type: 'media_clock', rtp, captured: capturedMs * 1000, estimated: false });
  return meter;
}

describe('the latency meter', () => {
  it('takes the age of a picture from its timestamp, the media clock and the clock offset', () => {
    const meter = meterAt(500, 90_000, ORIGIN + 1000);
    // Captured 100 ms after the anchor, shown 40 ms later; our clock is 500 ms behind the server's.
    const latency = meter.frame({ rtpTimestamp: 99_000, expectedDisplayTime: 640 });
    expect(latency).toBeCloseTo(40, 3);
    expect(meter.smoothed).toEqual({ ms: latency, estimated: false });
  });

  it('says when the newest picture was captured, although the clocks are not compared yet', () => {
    const meter = new LatencyMeter(new ClockSync(), ORIGIN);
    expect(meter.captured).toBeNull();
    meter.handle({
      type: 'media_clock',
      rtp: 90_000,
      captured: (ORIGIN + 1000) * 1000,
      estimated: true,
    });
    expect(meter.frame({ rtpTimestamp: 99_000, expectedDisplayTime: 640 })).toBeNull();
    expect(meter.captured).toBeCloseTo(ORIGIN + 1100, 3);
  });

  it('follows timestamps across the wrap at 2^32, both ways', () => {
    const clock = { rtp: 2 ** 32 - 900, captured: 5_000_000 };
    expect(captureTime(clock, 900)).toBeCloseTo(5020, 6);
    expect(captureTime({ rtp: 900, captured: 5_000_000 }, 2 ** 32 - 900)).toBeCloseTo(4980, 6);
  });

  it('knows nothing before the clocks are known', () => {
    const meter = new LatencyMeter(new ClockSync(), ORIGIN);
    expect(meter.frame({ rtpTimestamp: 1, expectedDisplayTime: 1 })).toBeNull();
    expect(meter.smoothed).toBeNull();
  });

  it('shows no number where the clocks must be wrong', () => {
    const meter = meterAt(0, 0, ORIGIN + 10_000);
    meter.frame({ rtpTimestamp: 0, expectedDisplayTime: 100 });
    expect(meter.smoothed).toBeNull();
  });

  it('marks a mapping that rests on arrival times as an estimate', () => {
    const meter = new LatencyMeter(syncedClock(0), ORIGIN);
    meter.handle({ type: 'media_clock', rtp: 0, captured: ORIGIN * 1000, estimated: true });
    meter.frame({ rtpTimestamp: 0, expectedDisplayTime: 30 });
    expect(meter.smoothed).toEqual({ ms: 30, estimated: true });
  });

  it('is not moved by one late picture', () => {
    const meter = meterAt(0, 0, ORIGIN);
    for (let frame = 0; frame < 20; frame += 1) {
      const late = frame === 10 ? 400 : 0;
      meter.frame({
        rtpTimestamp: frame * 3000,
        expectedDisplayTime: (frame * 3000) / 90 + 35 + late,
      });
    }
    expect(meter.smoothed?.ms).toBeCloseTo(35, 3);
  });
});

describe('the clock offset', () => {
  it('comes from the probe with the smallest round trip', () => {
    const clock = new ClockSync();
    clock.add(1000, 1200, 1190);
    clock.add(2000, 2010, 2105);
    clock.add(3000, 3300, 3010);
    expect(clock.offset).toBe(100);
    expect(clock.roundTrip).toBe(10);
  });

  it('forgets old probes, as clocks drift', () => {
    const clock = new ClockSync();
    clock.add(0, 2, 101);
    clock.add(70_000, 70_010, 70_055);
    expect(clock.offset).toBe(50);
  });
});

describe('the estimate without timestamps', () => {
  it('adds what this side knows and says that it is an estimate', () => {
    const parts = { roundTripMs: 20, jitterBufferMs: 15, decodeMs: 3, fps: 50 };
    expect(estimateLatency(parts)).toEqual({ ms: 58, estimated: true });
  });

  it('is silent before there are pictures', () => {
    expect(
      estimateLatency({ roundTripMs: 20, jitterBufferMs: null, decodeMs: null, fps: null }),
    ).toBeNull();
  });
});

it('takes the median of odd, even and no values', () => {
  expect(median([3, 1, 2])).toBe(2);
  expect(median([4, 1, 3, 2])).toBe(2.5);
  expect(median([])).toBeNull();
});
