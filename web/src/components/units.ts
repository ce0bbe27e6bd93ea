import type { Translate } from '@/messages/i18n';

/** "2.4 Mbit/s", "850 kbit/s". */
export function bitrateText(bits: number | null, t: Translate): string {
  if (bits === null) return '–';
  if (bits >= 1_000_000) return t('unit.mbps', { value: Math.round(bits / 100_000) / 10 });
  return t('unit.kbps', { value: Math.round(bits / 1000) });
}

/** "42 ms"; "~42 ms" where it is an estimate; "1.2 s" from a second on, where milliseconds only flicker. */
export function latencyText(latency: { ms: number; estimated: boolean }, t: Translate): string {
  const mark = latency.estimated ? '~' : '';
  if (latency.ms >= 1000)
    return mark + t('unit.seconds', { value: Math.round(latency.ms / 100) / 10 });
  return mark + t('unit.ms', { value: Math.round(latency.ms) });
}

export function msText(ms: number | null, t: Translate): string {
  return ms === null
    ? '–'
    : t('unit.ms', { value: ms < 10 ? Math.round(ms * 10) / 10 : Math.round(ms) });
}

export function percentText(share: number | null, t: Translate): string {
  return share === null ? '–' : t('unit.percent', { value: Math.round(share * 1000) / 10 });
}

/** "0:42", "12:05", "1:02:33". */
export function durationText(ms: number): string {
  const total = Math.max(0, Math.floor(ms / 1000));
  const hours = Math.floor(total / 3600);
  const minutes = Math.floor(total / 60) % 60;
  const seconds = String(total % 60).padStart(2, '0');
  return hours > 0
    ? `${hours}:${String(minutes).padStart(2, '0')}:${seconds}`
    : `${minutes}:${seconds}`;
}

const SIZES = ['byte', 'kilobyte', 'megabyte', 'gigabyte', 'terabyte'] as const;

/** "124 MB", "1.2 GB". */
export function sizeText(bytes: number, locale: string): string {
  const step = bytes < 1000 ? 0 : Math.min(SIZES.length - 1, Math.floor(Math.log10(bytes) / 3));
  const value = bytes / 1000 ** step;
  return new Intl.NumberFormat(locale, {
    style: 'unit',
    unit: SIZES[step] ?? 'byte',
    unitDisplay: step === 0 ? 'long' : 'short',
    maximumFractionDigits: value < 10 && step > 1 ? 1 : 0,
  }).format(value);
}
