import {
  supportedCodecs,
  VIDEO_CODECS,
  type EncodingPlan,
  type VideoCodec,
} from '@/lib/rtc/encoding';
import { widthFor } from '@/lib/rtc/capture';
import type { PatternKind } from '@/lib/rtc/pattern';

export type SourceKind = 'camera' | 'screen' | 'pattern';

export interface StudioSettings {
  source: SourceKind;
  camera: string | null;
  microphone: string | null;
  pattern: PatternKind;
  width: number;
  height: number;
  fps: number;
  codec: VideoCodec;
  layers: number;
}

export const HEIGHTS = [360, 720, 1080] as const;
export const RATES = [30, 60] as const;
export const SIMULCAST_LAYERS = 3;

/** 720p30 in H.264 plays everywhere and leaves the uplink of a usual home some room. */
export function firstSettings(): StudioSettings {
  const codec = supportedCodecs()[0] ?? 'h264';
  return {
    source: 'camera',
    camera: null,
    microphone: null,
    pattern: 'clock',
    width: widthFor(720),
    height: 720,
    fps: 30,
    codec,
    layers: SIMULCAST_LAYERS,
  };
}

/** Settings of `?test=1&pattern=timecode&w=640&h=360&fps=30&codec=h264&layers=3`; see web/README.md. */
export function settingsFromAddress(search: string, usual: StudioSettings): StudioSettings {
  const parameters = new URLSearchParams(search);
  if (!parameters.has('test')) return usual;
  const number = (name: string, otherwise: number) => {
    const value = Number(parameters.get(name) ?? Number.NaN);
    return Number.isFinite(value) && value > 0 ? value : otherwise;
  };
  const pattern = parameters.get('pattern');
  const source = parameters.get('source');
  const height = number('h', usual.height);
  return {
    ...usual,
    source:
      source === 'camera' || source === 'screen'
        ? source
        : pattern === null
          ? usual.source
          : 'pattern',
    pattern: pattern === 'timecode' ? 'timecode' : 'clock',
    width: number('w', widthFor(height)),
    height,
    fps: number('fps', usual.fps),
    codec: VIDEO_CODECS.find((codec) => codec === parameters.get('codec')) ?? usual.codec,
    layers: Math.min(SIMULCAST_LAYERS, number('layers', usual.layers)),
  };
}

export function planOf(settings: StudioSettings): EncodingPlan {
  return {
    codec: settings.codec,
    height: settings.height,
    fps: settings.fps,
    layers: settings.layers,
  };
}
