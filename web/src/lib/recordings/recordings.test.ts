import { describe, expect, it } from 'vitest';
import { recording } from '@/testing/recordings';
import { shownAt, shownChapters, timeOfText, wholeAt } from './clip';
import { askedPosition, resumeAt, storedPosition, storePosition } from './resume';

describe('a recording whose ends were cut off', () => {
  const cut = recording('1', {
    trim_start_ms: 60_000,
    trim_end_ms: 180_000,
    duration_ms: 120_000,
    chapters: [
      { at_ms: 150_000, title: 'The end' },
      { at_ms: 0, title: 'Before' },
      { at_ms: 30_000, title: 'Running in' },
      { at_ms: 90_000, title: 'Middle' },
      { at_ms: 200_000, title: 'Behind' },
    ],
  });

  it('has times of its own', () => {
    expect(wholeAt(cut, 5000)).toBe(65_000);
    expect(shownAt(cut, 65_000)).toBe(5000);
    expect(shownAt(cut, 1000)).toBe(0);
    expect(shownAt(cut, 900_000)).toBe(120_000);
  });

  it('keeps the chapters of what is left, the one that runs into it at its beginning', () => {
    expect(shownChapters(cut)).toEqual([
      { at_ms: 0, title: 'Running in' },
      { at_ms: 30_000, title: 'Middle' },
      { at_ms: 90_000, title: 'The end' },
    ]);
  });
});

it('times are read as people write them', () => {
  expect(timeOfText('1:02:03')).toBe(3_723_000);
  expect(timeOfText(' 2:03 ')).toBe(123_000);
  expect(timeOfText('45')).toBe(45_000);
  for (const wrong of ['', '1:2:3:4', 'a', '1.5', '-3', '1:']) expect(timeOfText(wrong)).toBeNull();
});

describe('where somebody stopped', () => {
  it('is kept for the newest fifty', () => {
    for (let index = 0; index < 60; index += 1) storePosition(`r${index}`, index * 1000);
    storePosition('r59', 7);
    expect(storedPosition('r59')).toBe(7);
    expect(storedPosition('r10')).toBe(10_000);
    expect(storedPosition('r9')).toBeNull();
  });

  it('counts only in the middle', () => {
    expect(resumeAt(5000, 600_000)).toBeNull();
    expect(resumeAt(590_000, 600_000)).toBeNull();
    expect(resumeAt(300_000, 600_000)).toBe(300_000);
    expect(resumeAt(null, 600_000)).toBeNull();
  });

  it('gives way to what a link asks for', () => {
    expect(askedPosition('?t=90')).toBe(90_000);
    expect(askedPosition('?t=1h2m3s')).toBe(3_723_000);
    expect(askedPosition('?t=2m')).toBe(120_000);
    expect(askedPosition('?t=soon')).toBeNull();
    expect(askedPosition('')).toBeNull();
  });
});
