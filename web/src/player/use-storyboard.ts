import { useEffect, useState } from 'react';
import { readText } from '@/lib/hls/preflight';
import { tilesOf, type Tile } from '@/lib/hls/storyboard';
import { NOTHING_TO_SHOW, type CredentialSource } from '@/lib/rtc/credential';

/** The small pictures of a recording; none until they are there, or where there are none. */
export function useStoryboard(
  url: string | null,
  credential: CredentialSource = NOTHING_TO_SHOW,
  /** What was cut off before the first picture, in milliseconds: the file knows the whole. */
  cut = 0,
): readonly Tile[] {
  const [tiles, setTiles] = useState<readonly Tile[]>([]);
  useEffect(() => {
    setTiles([]);
    if (url === null) return;
    const abort = new AbortController();
    const load = async () => {
      const track = await readText(url, credential, abort.signal);
      const shown = (await credential())?.text;
      const found = tilesOf(track, url).map((tile) => ({
        ...tile,
        start: tile.start - cut,
        end: tile.end - cut,
        url: shown === undefined ? tile.url : withToken(tile.url, shown),
      }));
      if (!abort.signal.aborted) setTiles(found);
    };
    // A bar without pictures is a bar.
    load().catch(() => undefined);
    return () => abort.abort();
  }, [url, credential, cut]);
  return tiles;
}

/** Pictures send no header of ours. */
function withToken(address: string, token: string): string {
  const url = new URL(address);
  url.searchParams.set('token', token);
  return url.href;
}
