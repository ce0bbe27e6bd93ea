import type { ServerInfo } from './generated/ServerInfo';
import type { StreamInfo } from './generated/StreamInfo';
import { ProblemError, problemOf } from './problem';

async function read<Body>(path: string, signal?: AbortSignal): Promise<Body> {
  let response: Response;
  try {
    response = await fetch(path, {
      headers: { accept: 'application/json' },
      signal: signal ?? null,
    });
  } catch (cause) {
    if (signal?.aborted) throw cause;
    throw new ProblemError('network', { cause });
  }
  if (!response.ok) throw await problemOf(response);
  return (await response.json()) as Body;
}

/** What this server is and how to reach it. */
export function serverInfo(signal?: AbortSignal): Promise<ServerInfo> {
  return read('/api/v1/server', signal);
}

/** Streams that are live now. */
export function liveStreams(signal?: AbortSignal): Promise<StreamInfo[]> {
  return read('/api/v1/streams', signal);
}

/** One stream, live or not. */
export function streamInfo(name: string, signal?: AbortSignal): Promise<StreamInfo> {
  return read(`/api/v1/streams/${encodeURIComponent(name)}`, signal);
}
