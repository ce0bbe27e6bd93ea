import { useSyncExternalStore } from 'react';
import type { Snapshot } from '@/lib/snapshot';

/** The value of a snapshot, rendered again when it changes. */
export function useSnapshot<Value extends object>(snapshot: Snapshot<Value>): Value {
  return useSyncExternalStore(snapshot.subscribe, snapshot.get);
}
