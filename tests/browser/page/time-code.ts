// A clock that cameras cannot fake: `Date.now()` as black and white cells in the picture itself.
//
// 32 data cells (most significant bit first) and 8 check cells, 20 in a row, each a twentieth of
// the picture's width. The cells survive scaling and coarse quantisation; the check cells (exclusive
// or of the four data bytes) reject a picture that did not.

const CELLS_IN_ROW = 20;
const DATA_CELLS = 32;
const CHECK_CELLS = 8;
const CELLS = DATA_CELLS + CHECK_CELLS;
export const ROWS = CELLS / CELLS_IN_ROW;

/// Pixels per cell of the scratch canvas: the sample is taken from the middle, away from the edges.
const SCRATCH = 4;

const check = (value: number): number =>
  ((value >>> 24) ^ (value >>> 16) ^ (value >>> 8) ^ value) & 0xff;

/** Draws `now` (milliseconds) over the top of the picture. */
export function drawTimeCode(ctx: CanvasRenderingContext2D, width: number, now: number): void {
  const cell = width / CELLS_IN_ROW;
  const value = now % 2 ** 32 >>> 0;
  ctx.fillStyle = '#000';
  ctx.fillRect(0, 0, width, cell * ROWS);
  ctx.fillStyle = '#fff';
  for (let index = 0; index < CELLS; index++) {
    const bit =
      index < DATA_CELLS
        ? (value >>> (DATA_CELLS - 1 - index)) & 1
        : (check(value) >>> (CELLS - 1 - index)) & 1;
    if (bit === 1) {
      ctx.fillRect((index % CELLS_IN_ROW) * cell, Math.floor(index / CELLS_IN_ROW) * cell, cell, cell);
    }
  }
}

/** Reads the time code of the picture that a video element shows. */
export class TimeCodeReader {
  readonly #ctx: CanvasRenderingContext2D;

  constructor() {
    const canvas = document.createElement('canvas');
    canvas.width = CELLS_IN_ROW * SCRATCH;
    canvas.height = ROWS * SCRATCH;
    const ctx = canvas.getContext('2d', { willReadFrequently: true });
    if (ctx === null) throw new Error('no 2d canvas');
    this.#ctx = ctx;
  }

  /** Milliseconds modulo 2^32, or null where the picture holds no readable code. */
  read(video: HTMLVideoElement): number | null {
    const { width, height } = this.#ctx.canvas;
    const strip = (video.videoWidth / CELLS_IN_ROW) * ROWS;
    this.#ctx.drawImage(video, 0, 0, video.videoWidth, strip, 0, 0, width, height);
    const { data } = this.#ctx.getImageData(0, 0, width, height);
    let value = 0;
    let sum = 0;
    for (let index = 0; index < CELLS; index++) {
      const x = (index % CELLS_IN_ROW) * SCRATCH + SCRATCH / 2;
      const y = Math.floor(index / CELLS_IN_ROW) * SCRATCH + SCRATCH / 2;
      const bit = (data[(y * width + x) * 4 + 1] ?? 0) > 127 ? 1 : 0;
      if (index < DATA_CELLS) value = (value << 1) | bit;
      else sum = (sum << 1) | bit;
    }
    value >>>= 0;
    return check(value) === sum ? value : null;
  }
}

/** Milliseconds from the code `drawn` to `now`, across the wrap at 2^32. */
export function codeAge(drawn: number, now: number): number {
  const age = ((now % 2 ** 32) - drawn) % 2 ** 32;
  return age < -(2 ** 31) ? age + 2 ** 32 : age;
}
