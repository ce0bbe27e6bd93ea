// Test patterns: a moving picture with a clock and a tone, without camera or microphone.

import { filmOf } from './film';
import { drawTimecode, timecodeNow } from './timecode';

export type PatternKind = 'clock' | 'timecode';

export interface PatternSettings {
  kind: PatternKind;
  width: number;
  height: number;
  fps: number;
}

const COLOURS = {
  deep: '#071018',
  water: '#0f3443',
  crest: '#43cbea',
  text: '#e8eef5',
  quiet: '#8a9bae',
} as const;

/** SMPTE-like bars, so that colours can be judged. */
const BARS = ['#c8ccd0', '#c4b330', '#2bb0c4', '#30ad4b', '#b342b3', '#bf3540', '#3049c0'] as const;

/** A running pattern; `stop` frees the canvas, the tone and the timer. */
export interface Pattern {
  stream: MediaStream;
  stop(): void;
}

export function startPattern(settings: PatternSettings): Pattern {
  const canvas = document.createElement('canvas');
  canvas.width = settings.width;
  canvas.height = settings.height;
  const context = canvas.getContext('2d', { alpha: false });
  if (!context) throw new Error('This browser has no 2D canvas');
  const film = filmOf(canvas);
  const stopDrawing = pace(settings.fps, () => {
    drawPattern(context, settings);
    film.shoot();
  });
  const tone = startTone();
  const stream = new MediaStream([film.track, tone.track]);
  return {
    stream,
    stop: () => {
      stopDrawing();
      tone.stop();
      stream.getTracks().forEach((track) => track.stop());
    },
  };
}

/** After this long without a display frame the tab must be hidden, whatever the browser says of it. */
const DISPLAY_SILENCE_MS = 100;

/** Calls `draw` at the rate: with the display while visible (least delay), from a worker while hidden. */
function pace(fps: number, draw: () => void): () => void {
  const worker = new Worker(new URL('./ticker.worker.ts', import.meta.url), { type: 'module' });
  const interval = 1000 / fps;
  let due = performance.now();
  let displayed = Number.NEGATIVE_INFINITY;
  let frame = 0;
  const drawIfDue = (now: number) => {
    // Half a display frame of slack keeps a steady 30 from 60 Hz in spite of jitter.
    if (now < due - 8) return;
    due = Math.max(due + interval, now - interval);
    draw();
  };
  const follow = () => {
    displayed = performance.now();
    drawIfDue(displayed);
    frame = requestAnimationFrame(follow);
  };
  worker.onmessage = () => {
    const now = performance.now();
    if (now - displayed > DISPLAY_SILENCE_MS) drawIfDue(now);
  };
  worker.postMessage(interval);
  follow();
  return () => {
    cancelAnimationFrame(frame);
    worker.terminate();
  };
}

function drawPattern(
  context: CanvasRenderingContext2D,
  { kind, width, height }: PatternSettings,
): void {
  const seconds = Date.now() / 1000;
  context.fillStyle = COLOURS.deep;
  context.fillRect(0, 0, width, height);
  drawWater(context, width, height, seconds);
  drawClock(context, width, height, kind === 'timecode' ? 0.5 : 0.36);
  if (kind === 'timecode') {
    drawTimecode(context, width, timecodeNow());
    return;
  }
  BARS.forEach((colour, index) => {
    context.fillStyle = colour;
    context.fillRect((index * width) / BARS.length, 0, width / BARS.length + 1, height * 0.1);
  });
}

/** Two waves in opposite directions: enough motion to see a freeze, little enough to encode cheaply. */
function drawWater(
  context: CanvasRenderingContext2D,
  width: number,
  height: number,
  seconds: number,
): void {
  const level = height * 0.68;
  [COLOURS.water, COLOURS.crest].forEach((colour, index) => {
    const direction = index === 0 ? 1 : -1;
    context.globalAlpha = index === 0 ? 1 : 0.28;
    context.fillStyle = colour;
    context.beginPath();
    context.moveTo(0, height);
    for (let step = 0; step <= 48; step += 1) {
      const phase = (step / 48) * Math.PI * 4 + direction * seconds * 1.6;
      context.lineTo(
        (step / 48) * width,
        level + index * height * 0.06 + Math.sin(phase) * height * 0.04,
      );
    }
    context.lineTo(width, height);
    context.fill();
  });
  context.globalAlpha = 1;
}

function drawClock(
  context: CanvasRenderingContext2D,
  width: number,
  height: number,
  middle: number,
): void {
  const now = new Date();
  const time = now.toTimeString().slice(0, 8);
  const tenth = Math.floor(now.getMilliseconds() / 100);
  context.textAlign = 'center';
  context.textBaseline = 'middle';
  context.fillStyle = COLOURS.text;
  context.font = `600 ${Math.round(height * 0.2)}px ui-monospace, monospace`;
  context.fillText(`${time}.${tenth}`, width / 2, height * middle);
  context.fillStyle = COLOURS.quiet;
  context.font = `500 ${Math.round(height * 0.05)}px system-ui, sans-serif`;
  context.fillText(`${width} × ${height}`, width / 2, height * (middle + 0.15));
}

/** A quiet stereo chord that breathes once a second: silence, a mono mix and gaps are all audible. */
function startTone(): { track: MediaStreamTrack; stop(): void } {
  const audio = new AudioContext();
  const output = audio.createMediaStreamDestination();
  const breath = audio.createGain();
  breath.gain.value = 0.06;
  const pulse = audio.createOscillator();
  const depth = audio.createGain();
  depth.gain.value = 0.03;
  pulse.frequency.value = 1;
  pulse.connect(depth).connect(breath.gain);
  const merger = audio.createChannelMerger(2);
  [220, 330].forEach((frequency, channel) => {
    const oscillator = audio.createOscillator();
    oscillator.frequency.value = frequency;
    oscillator.connect(merger, 0, channel);
    oscillator.start();
  });
  merger.connect(breath).connect(output);
  pulse.start();
  const resume = () => void audio.resume();
  // Pages may make sound only after a gesture; until then the track is silent.
  document.addEventListener('pointerdown', resume);
  document.addEventListener('keydown', resume);
  resume();
  const [track] = output.stream.getAudioTracks();
  if (!track) throw new Error('The tone has no track');
  return {
    track,
    stop: () => {
      document.removeEventListener('pointerdown', resume);
      document.removeEventListener('keydown', resume);
      void audio.close();
    },
  };
}
