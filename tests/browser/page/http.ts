// WHIP and WHEP by hand: fetch and SDP text, so that a failing test points at the server.

/** What the endpoint answered to a POST. */
export interface Exchange {
  status: number;
  answer: string;
  location: string;
  etag: string | null;
  link: string | null;
}

/** POSTs an offer and insists on the headers that RFC 9725 demands, as seen across origins. */
export async function postOffer(url: string, offer: string, token?: string): Promise<Exchange> {
  const headers: Record<string, string> = { 'Content-Type': 'application/sdp' };
  if (token !== undefined) headers['Authorization'] = `Bearer ${token}`;
  const response = await fetch(url, { method: 'POST', headers, body: offer });
  const answer = await response.text();
  if (response.status !== 201) throw new Error(`POST ${url}: ${response.status} ${answer.slice(0, 400)}`);
  const location = response.headers.get('Location');
  if (location === null) throw new Error('the 201 shows no Location to another origin');
  return {
    status: response.status,
    answer,
    location: new URL(location, url).href,
    etag: response.headers.get('ETag'),
    link: response.headers.get('Link'),
  };
}

/** The fragment of RFC 8840 for the candidates gathered so far. */
export function iceFragment(local: string): string {
  const lines = local.split(/\r\n/);
  const first = (prefix: string): string => lines.find((line) => line.startsWith(prefix)) ?? '';
  const media = lines.find((line) => line.startsWith('m=')) ?? '';
  const candidates = [...new Set(lines.filter((line) => line.startsWith('a=candidate:')))];
  return [
    first('a=ice-ufrag:'),
    first('a=ice-pwd:'),
    media,
    first('a=mid:'),
    ...candidates,
    'a=end-of-candidates',
    '',
  ].join('\r\n');
}

/** PATCHes a fragment; `ifMatch` is the ETag, or `*` for an ICE restart. */
export async function patchFragment(
  location: string,
  fragment: string,
  ifMatch: string | null,
): Promise<Response> {
  const headers: Record<string, string> = { 'Content-Type': 'application/trickle-ice-sdpfrag' };
  if (ifMatch !== null) headers['If-Match'] = ifMatch;
  return fetch(location, { method: 'PATCH', headers, body: fragment });
}

/** Removes every candidate line, so that the peer is learnt only from its own packets. */
export function withoutCandidates(sdp: string): string {
  return sdp
    .split(/\r\n/)
    .filter((line) => !line.startsWith('a=candidate:') && line !== 'a=end-of-candidates')
    .join('\r\n');
}

/** Points every candidate of an answer at a proxy on 127.0.0.1, and keeps only one of them. */
export function throughProxy(sdp: string, port: number): string {
  let kept = false;
  return sdp
    .split(/\r\n/)
    .flatMap((line) => {
      if (!line.startsWith('a=candidate:')) return [line];
      const fields = line.split(' ');
      if (kept || fields[2]?.toLowerCase() !== 'udp') return [];
      kept = true;
      fields[4] = '127.0.0.1';
      fields[5] = String(port);
      return [fields.join(' ')];
    })
    .join('\r\n');
}

/** Keeps of an answer's candidates only those of one transport. */
export function onlyOver(sdp: string, transport: 'udp' | 'tcp'): string {
  const fits = (line: string): boolean => line.split(' ')[2]?.toLowerCase() === transport;
  return sdp
    .split(/\r\n/)
    .filter((line) => !line.startsWith('a=candidate:') || fits(line))
    .join('\r\n');
}

/** The transport of the candidate pair in use, and the other side's address:port. */
export async function selectedPair(pc: RTCPeerConnection): Promise<{ protocol: string; remote: string }> {
  const stats = await pc.getStats();
  for (const entry of stats.values()) {
    if (entry.type !== 'transport' || entry.selectedCandidatePairId === undefined) continue;
    const remote = stats.get(stats.get(entry.selectedCandidatePairId)?.remoteCandidateId);
    return { protocol: String(remote?.protocol), remote: `${remote?.address}:${remote?.port}` };
  }
  return { protocol: '', remote: '' };
}

/** Resolves once the connection has the wanted state, rejects when it can no longer get there. */
export function connectionReaches(
  pc: RTCPeerConnection,
  wanted: RTCPeerConnectionState,
  timeoutMs: number,
): Promise<void> {
  return new Promise((resolve, reject) => {
    const look = (): boolean => {
      if (pc.connectionState === wanted) {
        clearTimeout(timer);
        resolve();
        return true;
      }
      return false;
    };
    const timer = setTimeout(
      () => reject(new Error(`connection is ${pc.connectionState}, not ${wanted}, after ${timeoutMs} ms`)),
      timeoutMs,
    );
    if (!look()) pc.addEventListener('connectionstatechange', look);
  });
}

export const gathered = (pc: RTCPeerConnection): Promise<void> =>
  new Promise((resolve) => {
    const look = (): void => {
      if (pc.iceGatheringState === 'complete') resolve();
    };
    pc.addEventListener('icegatheringstatechange', look);
    look();
  });

/** A state of the connection, or of DTLS (`dtls-closed`), and when (`Date.now()`) it came. */
export interface StateChange {
  state: string;
  at: number;
}

/** Writes down the states of the connection and, once there is one, of its DTLS transport. */
export function recordStates(pc: RTCPeerConnection, states: StateChange[]): void {
  let transport: RTCDtlsTransport | null = null;
  pc.addEventListener('connectionstatechange', () => {
    states.push({ state: pc.connectionState, at: Date.now() });
    if (transport !== null) return;
    const [transceiver] = pc.getTransceivers();
    transport = transceiver?.sender.transport ?? transceiver?.receiver.transport ?? null;
    transport?.addEventListener('statechange', () =>
      states.push({ state: `dtls-${transport?.state}`, at: Date.now() }),
    );
  });
}
