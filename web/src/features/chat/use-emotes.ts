import { useCallback } from 'react';
import { useLoad } from '@/components/use-load';
import { emotesOf } from '@/lib/chat/api';
import type { Emote } from '@/lib/chat/records';

const NONE: readonly Emote[] = [];

/** The emotes of a stream, asked for again when their version changes. */
export function useEmotes(stream: string, version: number | null): readonly Emote[] {
  const load = useCallback(
    (signal: AbortSignal) => (version === null ? Promise.resolve(NONE) : emotesOf(stream, signal)),
    [stream, version],
  );
  return useLoad(load).value ?? NONE;
}
