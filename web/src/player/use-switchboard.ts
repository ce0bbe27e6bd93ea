import { useMemo } from 'react';
import { useSnapshot } from '@/components/use-snapshot';
import { ROUTE_CHOICES, Switchboard, type RouteChoice, type Switched } from '@/lib/hls/switchboard';

const STORED = 'sluice.route';

/** `?route=hls` wins, then what was chosen before. */
function firstChoice(): RouteChoice {
  const asked = new URLSearchParams(location.search).get('route') ?? localStorage.getItem(STORED);
  return ROUTE_CHOICES.find((choice) => choice === asked) ?? 'auto';
}

/** Which way the picture of a stream comes, and the choice of it, which is kept. */
export function useSwitchboard(stream: string): {
  board: Switchboard;
  switched: Switched;
  choose(choice: RouteChoice): void;
} {
  const board = useMemo(() => makeBoard(stream), [stream]);
  return {
    board,
    switched: useSnapshot(board.state),
    choose: (choice) => {
      localStorage.setItem(STORED, choice);
      board.choose(choice);
    },
  };
}

/** One for each stream: another one begins anew. */
function makeBoard(_stream: string): Switchboard {
  return new Switchboard(firstChoice());
}
