// As much of a media playlist as the page reads itself: how far back a running broadcast goes. The
// rest is the business of what plays it.

/** What can be played of a running broadcast, in milliseconds on the server's clock. */
export interface LiveWindow {
  start: number;
  end: number;
}

/** The address of the best picture of a master playlist, as it stands there. */
export function firstVariantOf(master: string): string | null {
  const lines = linesOf(master);
  const at = lines.findIndex((line) => line.startsWith('#EXT-X-STREAM-INF'));
  if (at < 0) return null;
  return lines.slice(at + 1).find((line) => !line.startsWith('#')) ?? null;
}

/** From the first picture of a media playlist to its last part; null where it bears no dates. */
export function windowOf(playlist: string): LiveWindow | null {
  let start: number | null = null;
  let end: number | null = null;
  /** Parts of the segment that is being made; a finished segment counts as a whole. */
  let parts = 0;
  for (const line of linesOf(playlist)) {
    const [tag, value] = tagOf(line);
    if (tag === '#EXT-X-PROGRAM-DATE-TIME') {
      const date = Date.parse(value);
      if (Number.isNaN(date)) continue;
      start ??= date;
      end = date;
      parts = 0;
    } else if (tag === '#EXTINF' && end !== null) {
      end += seconds(value.split(',')[0]);
      parts = 0;
    } else if (tag === '#EXT-X-PART') {
      parts += seconds(/(?:^|,)DURATION=([\d.]+)/.exec(value)?.[1]);
    }
  }
  return start === null || end === null ? null : { start, end: end + parts };
}

/** Whether a media playlist has a whole segment, and not parts of one alone. */
export function hasSegment(playlist: string): boolean {
  return linesOf(playlist).some((line) => tagOf(line)[0] === '#EXTINF');
}

function linesOf(text: string): string[] {
  return text
    .split('\n')
    .map((line) => line.trim())
    .filter((line) => line !== '');
}

function tagOf(line: string): [tag: string, value: string] {
  const colon = line.startsWith('#EXT') ? line.indexOf(':') : -1;
  return colon < 0 ? [line, ''] : [line.slice(0, colon), line.slice(colon + 1)];
}

function seconds(text: string | undefined): number {
  const value = Number(text);
  return Number.isFinite(value) ? value * 1000 : 0;
}
