// The layers that the tests publish: small, because two cores do everything.

import type { CodecName, LayerOptions } from '../page/publisher.ts';
import type { SourceOptions } from '../page/source.ts';

export const TIME_CODE: SourceOptions = { kind: 'time-code', width: 640, height: 360, fps: 30 };
export const CAMERA: SourceOptions = { kind: 'camera', width: 640, height: 360, fps: 30 };
/** Keeps the encoder at its target, so that a shaped link has something to shape. */
export const BUSY: SourceOptions = { ...TIME_CODE, busy: true };

/** Three simulcast layers of 90, 180 and 360 lines. */
export function threeLayers(codec: CodecName): LayerOptions[] {
  // Chromium sends only the first layer of VP9 and AV1 unless each says its mode.
  const mode = codec === 'VP9' || codec === 'AV1' ? { scalabilityMode: 'L1T1' } : {};
  return [
    { rid: 'l', scale: 4, maxBitrate: 80_000, ...mode },
    { rid: 'm', scale: 2, maxBitrate: 250_000, ...mode },
    { rid: 'h', scale: 1, maxBitrate: 800_000, ...mode },
  ];
}

export const ONE_LAYER: LayerOptions[] = [{ rid: 'h', scale: 1, maxBitrate: 800_000 }];
