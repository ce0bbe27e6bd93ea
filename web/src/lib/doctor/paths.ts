// The ways that media could take, each tried by itself.

import { ProblemError } from '@/lib/api/problem';
import { allocate } from './allocation';
import type { Layer } from './candidates';
import { Line, LineFailure } from './line';
import { iceServerOf, transportOf } from './relays';
import type { Failure, PathFacts, RelayServer, Transport } from './types';

/** What came of one way, and the line over it where it works. */
export interface Tried {
  paths: PathFacts[];
  line: Line | null;
}

/** Straight to the node. */
export async function tryDirect(layer: Layer, signal: AbortSignal): Promise<Tried> {
  try {
    const line = await Line.open({ layer, signal });
    const { target, roundTripMs } = await line.path();
    const found: PathFacts = {
      transport: layer,
      outcome: 'works',
      ...(target === null ? {} : { target }),
      ...(roundTripMs === null ? {} : { round_trip_ms: roundTripMs }),
    };
    return { paths: [found], line };
  } catch (error) {
    return { paths: failed(layer, error), line: null };
  }
}

/** Each relay gives an allocation or says why not. */
export async function tryRelays(
  relays: readonly RelayServer[],
  signal: AbortSignal,
): Promise<PathFacts[]> {
  const known = relays.flatMap((relay) => {
    const transport = transportOf(relay.url);
    return transport === null ? [] : [{ relay, transport }];
  });
  return Promise.all(
    known.map(async ({ relay, transport }): Promise<PathFacts> => {
      const failure = await allocate(relay, signal);
      return failure === null
        ? { transport, target: relay.url, outcome: 'works' }
        : { transport, target: relay.url, outcome: 'fails', failure };
    }),
  );
}

/** All the way through a relay, where nothing else works. */
export function openRelayed(relay: RelayServer, signal: AbortSignal): Promise<Line> {
  return Line.open({ layer: 'udp', relay: iceServerOf(relay), signal });
}

/** Nothing is said of a way that the server did not let us try. */
function failed(transport: Transport, error: unknown): PathFacts[] {
  if (error instanceof LineFailure) {
    const { failure, targets } = error;
    if (failure === 'absent') return [{ transport, outcome: 'not_offered' }];
    return targets.map((target) => fails(transport, failure, target));
  }
  if (error instanceof ProblemError) throw error;
  // The browser itself has no such connections, or was told to make none.
  return [fails(transport, 'other')];
}

function fails(transport: Transport, failure: Failure, target?: string): PathFacts {
  return { transport, outcome: 'fails', failure, ...(target === undefined ? {} : { target }) };
}
