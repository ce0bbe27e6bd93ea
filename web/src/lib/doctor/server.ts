// Whether the server answers, how fast, what time it is there, and whether WebSockets get through.

import type { ProblemError } from '@/lib/api/problem';
import { ClockSync, pageNow } from '@/lib/rtc/clock';
import { NODE, readNode } from './api';
import type { DoctorNode, Failure, HttpFacts, WebSocketFacts } from './types';

/** The first opens the connection; the quickest of the others says how far it is. */
const QUESTIONS = 4;
const OPEN_WITHIN_MS = 6000;

/** What browsers call protocols, and what everybody else does. */
const PROTOCOLS: Partial<Record<string, string>> = {
  'http/1.0': 'HTTP/1.0',
  'http/1.1': 'HTTP/1.1',
  h2: 'HTTP/2.0',
  h3: 'HTTP/3.0',
};

export interface Answered {
  node: DoctorNode;
  http: HttpFacts;
  /** The server's clock less that of this page, in milliseconds. */
  clockOffset: number | null;
}

/** Throws where it does not answer, or something else does. */
export async function askServer(signal: AbortSignal): Promise<Answered> {
  const clock = new ClockSync();
  let node = await readNode(signal);
  for (let asked = 1; asked < QUESTIONS; asked += 1) {
    const sent = pageNow();
    node = await readNode(signal);
    clock.add(sent, pageNow(), node.node.time_ms);
  }
  const { roundTrip, offset } = clock;
  const version = PROTOCOLS[protocolOf(NODE) ?? ''];
  return {
    node,
    http: {
      origin: location.origin,
      outcome: 'works',
      ...(version === undefined ? {} : { version }),
      ...(roundTrip === null ? {} : { round_trip_ms: roundTrip }),
    },
    clockOffset: offset,
  };
}

/** The same facts of a server that did not answer. */
export function unanswered(problem: ProblemError): HttpFacts {
  return {
    origin: location.origin,
    outcome: 'fails',
    failure: failureOf(problem),
    ...(problem.status === null ? {} : { status: problem.status }),
  };
}

export function askWebSocket(signal: AbortSignal): Promise<WebSocketFacts> {
  return new Promise((resolve) => {
    const address = new URL('/ws', location.href);
    address.protocol = address.protocol.replace('http', 'ws');
    const socket = new WebSocket(address.href);
    const finish = (facts: WebSocketFacts) => {
      clearTimeout(timer);
      signal.removeEventListener('abort', stopped);
      socket.onopen = null;
      socket.onclose = null;
      socket.close();
      resolve(facts);
    };
    const stopped = () => finish({ outcome: 'fails', failure: 'closed' });
    const timer = setTimeout(
      () => finish({ outcome: 'fails', failure: 'no_answer' }),
      OPEN_WITHIN_MS,
    );
    signal.addEventListener('abort', stopped);
    socket.onopen = () => finish({ outcome: 'works' });
    socket.onclose = () => finish({ outcome: 'fails', failure: 'closed' });
  });
}

function failureOf({ code, status }: ProblemError): Failure {
  if (code === 'timeout') return 'no_answer';
  if (code === 'network') return 'other';
  return status === 429 || status === 503 ? 'full' : 'strange';
}

function protocolOf(address: string): string | undefined {
  const newest = performance.getEntriesByName(address).at(-1);
  return newest instanceof PerformanceResourceTiming ? newest.nextHopProtocol : undefined;
}
