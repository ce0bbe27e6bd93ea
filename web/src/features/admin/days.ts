/** First millisecond of a day of a date field, in the time zone of whoever looks. */
export function dayStart(day: string): string {
  return day === '' ? '' : String(new Date(`${day}T00:00:00`).getTime());
}

/** Last millisecond of that day. */
export function dayEnd(day: string): string {
  return day === '' ? '' : String(new Date(`${day}T23:59:59.999`).getTime());
}
