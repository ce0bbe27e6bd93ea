import { describe, expect, it } from 'vitest';
import { decodeTimecode, encodeTimecode, timecodeAge } from './timecode';

describe('the time code', () => {
  it('reads back what it wrote', () => {
    for (const code of [0, 1, 255, 0x12345678, 2 ** 31, 2 ** 32 - 1]) {
      expect(decodeTimecode(encodeTimecode(code))).toBe(code);
    }
  });

  it('refuses a picture with a wrong cell', () => {
    const cells = encodeTimecode(1_700_000_000);
    cells.forEach((cell, index) => {
      expect(decodeTimecode(cells.with(index, !cell))).toBeNull();
    });
  });

  it('tells the age across the wrap at 2^32', () => {
    expect(timecodeAge(2 ** 32 - 10, 2 ** 32 + 15)).toBe(25);
    expect(timecodeAge(1000, 2 ** 32 * 400 + 1040)).toBe(40);
  });
});
