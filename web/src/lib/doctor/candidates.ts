// Candidates of a session description: which there are, and leaving some out. What is left is the only
// way that a connection can take, so that each way is tried by itself.

export type Layer = 'udp' | 'tcp';

export interface Candidate {
  layer: Layer;
  /** Address and port, as in `192.0.2.1:8189` or `[2001:db8::1]:8189`. */
  target: string;
}

const LINE = /^a=candidate:\S+ \d+ (\S+) \d+ (\S+) (\d+) typ /i;

/** The candidates of an answer, as the server prefers them. */
export function candidatesOf(sdp: string): Candidate[] {
  return linesOf(sdp).flatMap((line) => {
    const [, layer, address, port] = LINE.exec(line) ?? [];
    if (layer === undefined || address === undefined || port === undefined) return [];
    return [{ layer: layer.toLowerCase() as Layer, target: targetOf(address, Number(port)) }];
  });
}

/** The same answer, with the candidates of one layer alone. */
export function withOnly(sdp: string, layer: Layer): string {
  const kept = linesOf(sdp).filter((line) => {
    const found = LINE.exec(line)?.[1];
    return found === undefined || found.toLowerCase() === layer;
  });
  return `${kept.join('\r\n')}\r\n`;
}

export function targetOf(address: string, port: number): string {
  return address.includes(':') ? `[${address}]:${port}` : `${address}:${port}`;
}

function linesOf(sdp: string): string[] {
  return sdp.trimEnd().split(/\r?\n/);
}
