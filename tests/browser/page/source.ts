// Where a test publisher's picture and sound come from.

import { drawTimeCode, ROWS } from './time-code.ts';

export interface SourceOptions {
  /** `camera` is the browser's fake device; `time-code` a canvas that carries `Date.now()`. */
  kind: 'camera' | 'time-code';
  width: number;
  height: number;
  fps: number;
  /** Restless pictures keep the encoder at its target bitrate; calm ones cost less. */
  busy?: boolean;
}

/** The fake microphone: a beep a second in Chromium, a steady tone in Firefox. */
const MICROPHONE = { echoCancellation: false, noiseSuppression: false, autoGainControl: false };

/** Opens picture and sound, whose energy can be asserted. */
export async function openSource(options: SourceOptions): Promise<MediaStream> {
  const stream =
    options.kind === 'camera' ? await openCamera(options) : openTimeCode(options);
  if (stream.getAudioTracks().length === 0) {
    const sound = await navigator.mediaDevices.getUserMedia({ audio: MICROPHONE });
    for (const track of sound.getAudioTracks()) stream.addTrack(track);
  }
  return stream;
}

function openCamera({ width, height, fps }: SourceOptions): Promise<MediaStream> {
  return navigator.mediaDevices.getUserMedia({
    video: { width: { exact: width }, height: { exact: height }, frameRate: { ideal: fps } },
    audio: MICROPHONE,
  });
}

function openTimeCode({ width, height, fps, busy }: SourceOptions): MediaStream {
  const canvas = document.createElement('canvas');
  canvas.width = width;
  canvas.height = height;
  document.body.append(canvas);
  const ctx = canvas.getContext('2d', { alpha: false });
  if (ctx === null) throw new Error('no 2d canvas');
  const texture = noise(width, height);
  const stream = canvas.captureStream(0);
  // Firefox has the method on the stream.
  const capture = [stream.getVideoTracks()[0], stream].find((one) => one !== undefined && 'requestFrame' in one) as
    | CanvasCaptureMediaStreamTrack
    | undefined;
  const interval = 1000 / fps;
  let due = performance.now();
  const draw = (): void => {
    requestAnimationFrame(draw);
    const now = performance.now();
    // Half a display frame of slack, or the beat of two clocks would drop pictures.
    if (now < due - 8) return;
    due = Math.max(due + interval, now - interval);
    const shift = busy === true ? now / 4 : now / 40;
    const x = -(shift % width);
    ctx.drawImage(texture, x, 0);
    ctx.drawImage(texture, x + width, 0);
    ctx.fillStyle = `hsl(${(now / 20) % 360} 80% 50%)`;
    ctx.fillRect((now / 10) % width, (height + (width / 20) * ROWS) / 2, width / 8, height / 8);
    drawTimeCode(ctx, width, Date.now());
    capture?.requestFrame();
  };
  draw();
  return stream;
}

/** A fixed grey texture with detail at several scales, so that motion costs bits. */
function noise(width: number, height: number): HTMLCanvasElement {
  const canvas = document.createElement('canvas');
  canvas.width = width;
  canvas.height = height;
  const ctx = canvas.getContext('2d', { alpha: false });
  if (ctx === null) throw new Error('no 2d canvas');
  let state = 1;
  const random = (): number => {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
    return state / 2 ** 32;
  };
  for (const size of [64, 16, 8]) {
    for (let y = 0; y < height; y += size) {
      for (let x = 0; x < width; x += size) {
        const grey = Math.floor(random() * 200);
        ctx.fillStyle = `rgb(${grey} ${grey} ${grey} / 0.5)`;
        ctx.fillRect(x, y, size, size);
      }
    }
  }
  return canvas;
}
