// The layers that the tests publish: small, because two cores do everything.

import type { CodecName, LayerOptions } from '../page/publisher.ts';
import type { SourceOptions } from '../page/source.ts';

/**
 * Chromium sends three layers only of pictures of 540 lines and more (two from 360, one below), so
 * simulcast takes a larger source and scales its top layer to 360 lines as well.
 */
const LARGE = { width: 960, height: 540, fps: 30 };
const SMALL = { width: 640, height: 360, fps: 30 };

/** Sources for [`ONE_LAYER`]. */
export const TIME_CODE: SourceOptions = { kind: 'time-code', ...SMALL };

/** Sources for [`threeLayers`]. */
export const LARGE_CAMERA: SourceOptions = { kind: 'camera', ...LARGE };
export const LARGE_TIME_CODE: SourceOptions = { kind: 'time-code', ...LARGE };
/** Keeps the encoder at its target, so that a shaped link has something to shape. */
export const LARGE_BUSY: SourceOptions = { ...LARGE_TIME_CODE, busy: true };

/** Three simulcast layers of 90, 180 and 360 lines. */
export function threeLayers(codec: CodecName): LayerOptions[] {
  // Chromium sends only the first layer of VP9 and AV1 unless each says its mode.
  const mode = codec === 'VP9' || codec === 'AV1' ? { scalabilityMode: 'L1T1' } : {};
  return [
    { rid: 'l', scale: 6, maxBitrate: 80_000, ...mode },
    { rid: 'm', scale: 3, maxBitrate: 250_000, ...mode },
    { rid: 'h', scale: 1.5, maxBitrate: 800_000, ...mode },
  ];
}

/** One layer of 360 lines. */
export const ONE_LAYER: LayerOptions[] = [{ rid: 'h', scale: 1, maxBitrate: 800_000 }];
