import { ProblemError, problemOf } from './problem';
import type { ServerInfo } from './types';

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
