import { useI18n } from '@/messages/i18n';

const STEPS: [unit: Intl.RelativeTimeFormatUnit, ms: number][] = [
  ['day', 86_400_000],
  ['hour', 3_600_000],
  ['minute', 60_000],
];
/** From here on a date says more than a number of days. */
const LONG_AGO_MS = 14 * 86_400_000;

/** "3 minutes ago", a date when it is longer ago; the exact time is shown on hover. */
export function agoText(at: number, now: number, locale: string): string {
  const past = now - at;
  if (Math.abs(past) >= LONG_AGO_MS) return dateText(at, locale);
  const format = new Intl.RelativeTimeFormat(locale, { numeric: 'auto' });
  for (const [unit, ms] of STEPS) {
    if (Math.abs(past) >= ms) return format.format(-Math.trunc(past / ms), unit);
  }
  return format.format(0, 'second');
}

export function dateText(at: number, locale: string): string {
  return new Intl.DateTimeFormat(locale, { dateStyle: 'medium' }).format(at);
}

export function exactText(at: number, locale: string): string {
  return new Intl.DateTimeFormat(locale, { dateStyle: 'medium', timeStyle: 'medium' }).format(at);
}

export function Time({ at, look = 'ago' }: { at: number; look?: 'ago' | 'date' | 'exact' }) {
  const { locale } = useI18n();
  const exact = exactText(at, locale);
  const text =
    look === 'ago'
      ? agoText(at, Date.now(), locale)
      : look === 'date'
        ? dateText(at, locale)
        : exact;
  return (
    <time dateTime={new Date(at).toISOString()} title={look === 'exact' ? undefined : exact}>
      {text}
    </time>
  );
}
