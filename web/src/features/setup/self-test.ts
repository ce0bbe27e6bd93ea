// What can be told from here about whether video will get through, before the first stream.

export type Finding = 'good' | 'warn' | 'bad';

export interface SelfTest {
  name: 'browser' | 'secure' | 'address' | 'media';
  finding: Finding;
  /** Which sentence explains it. */
  detail: 'good' | 'none' | 'insecure' | 'local' | 'plain' | 'differs' | 'port';
}

interface Surroundings {
  secure: boolean;
  codecs: string[] | null;
  origin: string;
}

/** The browser's own side, read once so that the judgement below stays a pure function. */
export function surroundings(): Surroundings {
  const sender = (globalThis as { RTCRtpSender?: typeof RTCRtpSender }).RTCRtpSender;
  return {
    secure: window.isSecureContext,
    codecs:
      sender === undefined
        ? null
        : (sender.getCapabilities('video')?.codecs ?? []).map(({ mimeType }) =>
            mimeType.toLowerCase(),
          ),
    origin: location.origin,
  };
}

export function selfTest(publicUrl: string, around: Surroundings): SelfTest[] {
  return [
    around.codecs === null || !around.codecs.includes('video/h264')
      ? { name: 'browser', finding: 'bad', detail: 'none' }
      : { name: 'browser', finding: 'good', detail: 'good' },
    around.secure
      ? { name: 'secure', finding: 'good', detail: 'good' }
      : { name: 'secure', finding: 'warn', detail: 'insecure' },
    { name: 'address', ...judgeAddress(publicUrl, around.origin) },
    { name: 'media', finding: 'warn', detail: 'port' },
  ];
}

function judgeAddress(publicUrl: string, origin: string): Omit<SelfTest, 'name'> {
  const url = parsed(publicUrl) ?? new URL(origin);
  if (/^(localhost|127\.|\[::1\])/.test(url.hostname)) return { finding: 'warn', detail: 'local' };
  if (url.protocol !== 'https:') return { finding: 'warn', detail: 'plain' };
  if (url.origin !== origin) return { finding: 'warn', detail: 'differs' };
  return { finding: 'good', detail: 'good' };
}

/** An address that browsers can open, or null. */
export function parsed(address: string): URL | null {
  try {
    const url = new URL(address);
    return url.protocol === 'https:' || url.protocol === 'http:' ? url : null;
  } catch {
    return null;
  }
}
