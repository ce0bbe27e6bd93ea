// What a publisher sends: resolutions, simulcast layers, bitrates, codec order.

export type VideoCodec = 'h264' | 'vp8' | 'vp9' | 'av1';

export const VIDEO_CODECS: readonly VideoCodec[] = ['h264', 'vp8', 'vp9', 'av1'];

export interface EncodingPlan {
  codec: VideoCodec;
  height: number;
  fps: number;
  /** Simulcast layers, 1 to 3. */
  layers: number;
}

/** Bits a second of a 30 fps H.264 picture of this height: talking heads look clean, games acceptable. */
const TOP_BITRATE: readonly (readonly [height: number, bitrate: number])[] = [
  [1080, 4_500_000],
  [720, 2_500_000],
  [540, 1_500_000],
  [360, 800_000],
  [180, 250_000],
  [90, 120_000],
];

/** VP9 and AV1 need about a third less for the same picture. */
const CODEC_FACTOR: Record<VideoCodec, number> = { h264: 1, vp8: 1, vp9: 0.7, av1: 0.65 };

export function bitrateFor(height: number, fps: number, codec: VideoCodec): number {
  const row = TOP_BITRATE.find(([least]) => height >= least) ?? TOP_BITRATE[TOP_BITRATE.length - 1];
  const motion = fps > 30 ? 1.5 : 1;
  return Math.round((row?.[1] ?? 0) * motion * CODEC_FACTOR[codec]);
}

/** Lowest layer first: browsers start with the first, and a viewer's first picture comes sooner. */
export function encodingsFor(plan: EncodingPlan): RTCRtpEncodingParameters[] {
  const rids = plan.layers >= 3 ? ['l', 'm', 'h'] : plan.layers === 2 ? ['m', 'h'] : [null];
  return rids.map((rid, index) => {
    const scale = 2 ** (rids.length - 1 - index);
    const encoding: RTCRtpEncodingParameters & { scalabilityMode?: string } = {
      scaleResolutionDownBy: scale,
      maxBitrate: bitrateFor(plan.height / scale, plan.fps, plan.codec),
      maxFramerate: plan.fps,
    };
    if (rid !== null) encoding.rid = rid;
    // Chromium sends only the first RID of VP9 and AV1 unless each encoding says that it is no SVC stream.
    if (plan.codec === 'vp9' || plan.codec === 'av1') encoding.scalabilityMode = 'L1T1';
    return encoding;
  });
}

/** Bits a second of all layers together: what has to go up. */
export function sentBitrate(plan: EncodingPlan): number {
  return encodingsFor(plan).reduce((sum, { maxBitrate }) => sum + (maxBitrate ?? 0), 0);
}

/** The wanted codec with its retransmission, its best-understood profile first; empty where the browser has none. */
export function codecOrder(wanted: VideoCodec, known: readonly RTCRtpCodec[]): RTCRtpCodec[] {
  const mime = `video/${wanted}`;
  const chosen = known
    .filter((codec) => codec.mimeType.toLowerCase() === mime)
    .sort((a, b) => rank(a) - rank(b));
  if (chosen.length === 0) return [];
  return [...chosen, ...known.filter((codec) => codec.mimeType.toLowerCase() === 'video/rtx')];
}

/** Constrained baseline in packetization mode 1 plays everywhere. */
function rank(codec: RTCRtpCodec): number {
  const fmtp = codec.sdpFmtpLine ?? '';
  if (!codec.mimeType.toLowerCase().endsWith('h264'))
    return fmtp.includes('profile-id=0') || fmtp === '' ? 0 : 1;
  return (
    (fmtp.includes('packetization-mode=1') ? 0 : 4) +
    (/profile-level-id=42e0/i.test(fmtp) ? 0 : /profile-level-id=42/i.test(fmtp) ? 1 : 2)
  );
}

/** Codecs that this browser can send. */
export function supportedCodecs(): VideoCodec[] {
  const known = RTCRtpSender.getCapabilities('video')?.codecs ?? [];
  return VIDEO_CODECS.filter((codec) =>
    known.some((entry) => entry.mimeType.toLowerCase() === `video/${codec}`),
  );
}
