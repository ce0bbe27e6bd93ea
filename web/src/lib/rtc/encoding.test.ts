import { describe, expect, it } from 'vitest';
import { bitrateFor, codecOrder, encodingsFor } from './encoding';

describe('encodings', () => {
  it('are three sizes, the lowest first', () => {
    const encodings = encodingsFor({ codec: 'h264', height: 720, fps: 30, layers: 3 });
    expect(encodings.map(({ rid, scaleResolutionDownBy }) => [rid, scaleResolutionDownBy])).toEqual(
      [
        ['l', 4],
        ['m', 2],
        ['h', 1],
      ],
    );
    const rates = encodings.map((encoding) => encoding.maxBitrate ?? 0);
    expect(rates).toEqual([...rates].sort((a, b) => a - b));
  });

  it('say for VP9 and AV1 that each is no SVC stream', () => {
    for (const codec of ['vp9', 'av1'] as const) {
      const encodings = encodingsFor({ codec, height: 360, fps: 30, layers: 3 });
      expect(encodings.every((encoding) => 'scalabilityMode' in encoding)).toBe(true);
    }
    expect(encodingsFor({ codec: 'vp8', height: 360, fps: 30, layers: 3 })[0]).not.toHaveProperty(
      'scalabilityMode',
    );
  });

  it('have no RID when there is one', () => {
    expect(encodingsFor({ codec: 'h264', height: 720, fps: 30, layers: 1 })[0]).not.toHaveProperty(
      'rid',
    );
  });

  it('cost more at 60 pictures a second and less in newer codecs', () => {
    expect(bitrateFor(720, 60, 'h264')).toBeGreaterThan(bitrateFor(720, 30, 'h264'));
    expect(bitrateFor(720, 30, 'av1')).toBeLessThan(bitrateFor(720, 30, 'h264'));
  });
});

describe('the codec order', () => {
  const codec = (mimeType: string, sdpFmtpLine = ''): RTCRtpCodec => ({
    mimeType,
    clockRate: 90_000,
    sdpFmtpLine,
  });
  const KNOWN = [
    codec('video/VP8'),
    codec('video/rtx'),
    codec('video/H264', 'packetization-mode=0;profile-level-id=42001f'),
    codec('video/H264', 'packetization-mode=1;profile-level-id=42001f'),
    codec('video/H264', 'packetization-mode=1;profile-level-id=42e01f'),
  ];

  it('has the wanted codec alone, constrained baseline first, with retransmission', () => {
    expect(codecOrder('h264', KNOWN).map((entry) => entry.sdpFmtpLine)).toEqual([
      'packetization-mode=1;profile-level-id=42e01f',
      'packetization-mode=1;profile-level-id=42001f',
      'packetization-mode=0;profile-level-id=42001f',
      '',
    ]);
  });

  it('is empty where the browser lacks the codec', () => {
    expect(codecOrder('av1', KNOWN)).toEqual([]);
  });
});
