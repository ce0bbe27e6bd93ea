// Small pictures of a recording, many on a sheet: the WebVTT track that says which is where.

export interface Tile {
  /** Milliseconds of the recording. */
  start: number;
  end: number;
  /** The sheet. */
  url: string;
  x: number;
  y: number;
  width: number;
  height: number;
}

const TIMES = /^((?:\d+:)?\d{1,2}:\d{2}\.\d{3})\s+-->\s+((?:\d+:)?\d{1,2}:\d{2}\.\d{3})/;
const PLACE = /^(.*)#xywh=(?:pixel:)?(\d+),(\d+),(\d+),(\d+)$/;

/** The tiles of a storyboard in their order; what is not one is left out. */
export function tilesOf(track: string, base: string): Tile[] {
  const tiles: Tile[] = [];
  let times: [start: number, end: number] | null = null;
  for (const line of track.split('\n').map((text) => text.trim())) {
    const found = TIMES.exec(line);
    if (found !== null) {
      times = [timeOf(found[1]), timeOf(found[2])];
      continue;
    }
    const place = PLACE.exec(line);
    if (place === null || times === null) continue;
    const [x = 0, y = 0, width = 0, height = 0] = place.slice(2).map(Number);
    const [start, end] = times;
    times = null;
    tiles.push({ start, end, url: new URL(place[1] ?? '', base).href, x, y, width, height });
  }
  return tiles;
}

/** The tile of a moment: the last one that begins before it. */
export function tileAt(tiles: readonly Tile[], at: number): Tile | null {
  let low = 0;
  let high = tiles.length;
  while (low < high) {
    const middle = (low + high) >> 1;
    if ((tiles[middle]?.start ?? 0) <= at) low = middle + 1;
    else high = middle;
  }
  return tiles[low - 1] ?? null;
}

function timeOf(text: string | undefined): number {
  const parts = (text ?? '').split(':').map(Number);
  return parts.reduce((sum, part) => sum * 60 + part, 0) * 1000;
}
