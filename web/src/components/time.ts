// Times and dates as the language writes them.

const MINUTE = 60_000;
const HOUR = 60 * MINUTE;
const DAY = 24 * HOUR;

/** "42 min", "20 hr", "3 days": how long, in the largest unit that fits. */
export function spanText(ms: number, locale: string): string {
  const [unit, length] =
    ms >= 2 * DAY ? ['day', DAY] : ms >= HOUR ? ['hour', HOUR] : (['minute', MINUTE] as const);
  return new Intl.NumberFormat(locale, {
    style: 'unit',
    unit: unit,
    unitDisplay: 'short',
  }).format(Math.max(0, Math.floor(ms / length)));
}

/** "5 minutes ago", "in 2 hours", "yesterday". */
export function agoText(time: number, now: number, locale: string): string {
  const format = new Intl.RelativeTimeFormat(locale, { numeric: 'auto' });
  const distance = time - now;
  const size = Math.abs(distance);
  if (size < MINUTE) return format.format(0, 'minute');
  if (size < HOUR) return format.format(Math.round(distance / MINUTE), 'minute');
  if (size < DAY) return format.format(Math.round(distance / HOUR), 'hour');
  if (size < 30 * DAY) return format.format(Math.round(distance / DAY), 'day');
  return dateText(time, locale);
}

/** "21 Nov 2026". */
export function dateText(time: number, locale: string): string {
  return new Intl.DateTimeFormat(locale, { dateStyle: 'medium' }).format(time);
}

/** "Sat, 21 Nov, 20:00": a date that people put into their calendar. */
export function scheduleText(time: number, locale: string): string {
  return new Intl.DateTimeFormat(locale, {
    weekday: 'short',
    day: 'numeric',
    month: 'short',
    hour: '2-digit',
    minute: '2-digit',
  }).format(time);
}

/** "21 Nov 2026, 20:00". */
export function dateTimeText(time: number, locale: string): string {
  return new Intl.DateTimeFormat(locale, { dateStyle: 'medium', timeStyle: 'short' }).format(time);
}

/** "1.2M": for where there is little room. */
export function compactText(value: number, locale: string): string {
  return new Intl.NumberFormat(locale, { notation: 'compact' }).format(value);
}

/** A time as `<input type="datetime-local">` has it. */
export function localInputOf(time: number | null): string {
  if (time === null) return '';
  const shifted = new Date(time - new Date(time).getTimezoneOffset() * MINUTE);
  return shifted.toISOString().slice(0, 16);
}

export function timeOfLocalInput(text: string): number | null {
  const time = Date.parse(text);
  return Number.isNaN(time) ? null : time;
}
