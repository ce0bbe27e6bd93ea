// The routes under /doctor, one function a request.

import { problemOf, ProblemError } from '@/lib/api/problem';
import { exchange } from '@/lib/api/transport';
import type { Diagnosis, DoctorNode, Facts, Uploaded } from './types';

export const NODE = `${location.origin}/doctor/node`;
/** Where sessions of the echo channel are made. */
export const SESSIONS = `${location.origin}/doctor/session`;

/** A server that needs longer than this for some words is as good as gone. */
const ANSWER_WITHIN_MS = 8000;

/** What the node says of itself. */
export async function readNode(signal: AbortSignal): Promise<DoctorNode> {
  return (await ask(NODE, { cache: 'no-store' }, signal)).json() as Promise<DoctorNode>;
}

/** The rules are those of the server, so that a page and a command come to the same words. */
export async function diagnose(facts: Facts, signal: AbortSignal): Promise<Diagnosis> {
  const init = {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify(facts),
  };
  return (await ask('/doctor/diagnosis', init, signal)).json() as Promise<Diagnosis>;
}

/** So many bytes of nothing in particular, as they come. */
export async function download(
  bytes: number,
  signal: AbortSignal,
): Promise<ReadableStream<Uint8Array>> {
  const address = `/doctor/download?bytes=${bytes}`;
  const response = await refusing(await exchange(address, { cache: 'no-store', signal }));
  if (response.body === null) throw new ProblemError('unexpected');
  return response.body;
}

export async function upload(body: Blob, signal: AbortSignal): Promise<Uploaded> {
  const init = { method: 'POST', body, signal };
  return (await refusing(await exchange('/doctor/upload', init))).json() as Promise<Uploaded>;
}

async function ask(address: string, init: RequestInit, signal: AbortSignal): Promise<Response> {
  const late = AbortSignal.timeout(ANSWER_WITHIN_MS);
  try {
    return await refusing(
      await exchange(address, { ...init, signal: AbortSignal.any([signal, late]) }),
    );
  } catch (error) {
    if (late.aborted && !signal.aborted) throw new ProblemError('timeout', { cause: error });
    throw error;
  }
}

async function refusing(response: Response): Promise<Response> {
  if (!response.ok) throw await problemOf(response);
  return response;
}
