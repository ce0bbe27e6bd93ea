// What a session is called in the list of sessions.

const BROWSERS: [name: string, mark: RegExp][] = [
  ['Edge', /\bEdg(?:A|iOS)?\//],
  ['Opera', /\bOPR\//],
  ['Samsung Internet', /\bSamsungBrowser\//],
  ['Firefox', /\b(?:Firefox|FxiOS)\//],
  ['Chrome', /\b(?:Chrome|CriOS)\//],
  ['Safari', /\bVersion\/.*\bSafari\//],
];

const SYSTEMS: [name: string, mark: RegExp][] = [
  ['Android', /Android/],
  ['iPhone', /iPhone/],
  ['iPad', /iPad/],
  ['Windows', /Windows/],
  ['macOS', /Mac OS X/],
  ['ChromeOS', /CrOS/],
  ['Linux', /Linux/],
];

/** "Firefox, Linux"; what cannot be told is left out. */
export function deviceName(userAgent: string): string {
  const find = (list: [string, RegExp][]) => list.find(([, mark]) => mark.test(userAgent))?.[0];
  return [find(BROWSERS), find(SYSTEMS)].filter((part) => part !== undefined).join(', ');
}

/** The shape of the device, for its picture. */
export function deviceKind(device: string): 'phone' | 'tablet' | 'computer' {
  if (/iPad|Tablet/i.test(device)) return 'tablet';
  return /Android|iPhone|Mobile/i.test(device) ? 'phone' : 'computer';
}
