import '@/messages/areas/watch';
import { useCallback, useMemo } from 'react';
import { channelRecordings } from '@/lib/recordings/api';
import type { RecordingCard } from '@/lib/recordings/types';
import type { Broadcast } from '@/lib/streams/types';
import { useT } from '@/messages/i18n';
import { BroadcastList } from './BroadcastList';
import { More } from './ListStates';
import { RecordingGrid } from './RecordingCard';
import { Section } from './Section';
import { useCursorList } from './use-cursor-list';

/** What was: the broadcasts that are kept, as pictures, and those that are not, as a list. */
export function PastBroadcasts({
  handle,
  stream,
  broadcasts,
}: {
  /** Of the channel. */
  handle: string;
  /** Name of the one stream whose broadcasts are wanted; all of the channel where absent. */
  stream?: string;
  broadcasts: readonly Broadcast[];
}) {
  const t = useT();
  const list = useCursorList<RecordingCard>(
    useCallback((cursor, signal) => channelRecordings(handle, cursor, signal), [handle]),
  );
  const kept = useMemo(
    () => list.items?.filter((item) => stream === undefined || item.stream.name === stream) ?? null,
    [list.items, stream],
  );
  // Nobody misses a shelf that could not be loaded; the list of broadcasts is there.
  const failed = kept === null && list.problem !== null;
  const known = new Set(kept?.map((recording) => recording.broadcast_id));
  const others = broadcasts.filter(({ id }) => !known.has(id));
  if (kept === null && !failed) return null;
  if ((kept === null || kept.length === 0) && others.length === 0) return null;
  return (
    <Section title={t('watch.past')}>
      {kept !== null && kept.length > 0 && <RecordingGrid recordings={kept} />}
      <More list={list} />
      {others.length > 0 && <BroadcastList broadcasts={others} />}
    </Section>
  );
}
