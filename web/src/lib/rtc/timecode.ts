// A clock that a machine can read in the picture: 32 bits of Date.now() and 8 check bits as black
// and white cells, in two rows of twenty along the upper edge. A cell is a twentieth of the width
// (32 px at 640), so the code survives simulcast and scaling.

const COLUMNS = 20;
const ROWS = 2;
const DATA_BITS = 32;
const CHECK_BITS = 8;
const WRAP = 2 ** 32;
/** Sampled size of a cell; only its middle is read, so that blur at the edges does no harm. */
const SAMPLE = 6;

/** Date.now() of the publisher as the picture carries it. */
export function timecodeNow(): number {
  return Date.now() % WRAP;
}

/** Milliseconds from a code to now, across the wrap at 2^32. */
export function timecodeAge(code: number, now = Date.now()): number {
  return ((now % WRAP) - code + WRAP) % WRAP;
}

export function encodeTimecode(code: number): boolean[] {
  return [...bits(code, DATA_BITS), ...bits(check(code), CHECK_BITS)];
}

/** The code of forty cells, or null where the check does not fit. */
export function decodeTimecode(cells: readonly boolean[]): number | null {
  if (cells.length !== DATA_BITS + CHECK_BITS) return null;
  const code = number(cells.slice(0, DATA_BITS));
  return number(cells.slice(DATA_BITS)) === check(code) ? code : null;
}

export function drawTimecode(context: CanvasRenderingContext2D, width: number, code: number): void {
  const size = width / COLUMNS;
  encodeTimecode(code).forEach((white, index) => {
    context.fillStyle = white ? '#fff' : '#000';
    context.fillRect((index % COLUMNS) * size, Math.floor(index / COLUMNS) * size, size, size);
  });
}

/** Reads the code back from a playing video. */
export class TimecodeReader {
  readonly #context: CanvasRenderingContext2D;

  constructor() {
    const canvas = document.createElement('canvas');
    canvas.width = COLUMNS * SAMPLE;
    canvas.height = ROWS * SAMPLE;
    const context = canvas.getContext('2d', { willReadFrequently: true });
    if (!context) throw new Error('This browser has no 2D canvas');
    this.#context = context;
  }

  read(video: HTMLVideoElement): number | null {
    const cell = video.videoWidth / COLUMNS;
    if (cell === 0) return null;
    const { width, height } = this.#context.canvas;
    this.#context.drawImage(video, 0, 0, video.videoWidth, cell * ROWS, 0, 0, width, height);
    return decodeTimecode(cellsOf(this.#context.getImageData(0, 0, width, height).data));
  }
}

function cellsOf(pixels: Uint8ClampedArray): boolean[] {
  return Array.from({ length: COLUMNS * ROWS }, (_, index) => {
    const left = (index % COLUMNS) * SAMPLE;
    const top = Math.floor(index / COLUMNS) * SAMPLE;
    let sum = 0;
    for (let y = top + 2; y < top + 4; y += 1) {
      for (let x = left + 2; x < left + 4; x += 1)
        sum += pixels[(y * COLUMNS * SAMPLE + x) * 4 + 1] ?? 0;
    }
    return sum / 4 > 127;
  });
}

function bits(value: number, count: number): boolean[] {
  return Array.from(
    { length: count },
    (_, index) => Math.floor(value / 2 ** (count - 1 - index)) % 2 === 1,
  );
}

function number(cells: readonly boolean[]): number {
  return cells.reduce((value, cell) => value * 2 + (cell ? 1 : 0), 0);
}

/** Exclusive or of the four data bytes: rejects a picture whose cells did not survive. */
function check(code: number): number {
  return ((code >>> 24) ^ (code >>> 16) ^ (code >>> 8) ^ code) & 0xff;
}
