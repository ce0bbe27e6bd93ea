// The impairment proxy (`sluice-udp-proxy`) as a child process.

import { createInterface, type Interface } from 'node:readline';

import { Process } from './process.ts';
import { proxyBinary } from './venue.ts';

/** What a path does to datagrams; what is left out is not impaired. */
export interface Impairment {
  /** Bits per second of the bottleneck. */
  rate?: number;
  queue_ms?: number;
  loss?: number;
  delay_ms?: number;
  jitter_ms?: number;
  reorder?: number;
  reorder_ms?: number;
}

export interface LinkCounts {
  passed: number;
  bytes: number;
  lost: number;
  overflowed: number;
}

export interface Counts {
  to_server: LinkCounts;
  to_peers: LinkCounts;
}

export class UdpProxy {
  readonly #process: Process;
  readonly #lines: AsyncIterator<string>;
  readonly port: number;

  private constructor(process: Process, lines: AsyncIterator<string>, port: number) {
    this.#process = process;
    this.#lines = lines;
    this.port = port;
  }

  /** Starts a proxy in front of a UDP port of 127.0.0.1. */
  static async start(serverPort: number, seed = 1): Promise<UdpProxy> {
    const child = new Process(proxyBinary(), ['--server', `127.0.0.1:${serverPort}`, '--seed', String(seed)], {
      keepStdin: true,
    });
    if (child.child.stdout === null) throw new Error('the proxy has no output');
    const reader: Interface = createInterface({ input: child.child.stdout });
    const lines = reader[Symbol.asyncIterator]();
    const first = await lines.next();
    if (first.done === true) throw new Error(`the proxy did not start:\n${child.output}`);
    return new UdpProxy(child, lines, (JSON.parse(first.value) as { port: number }).port);
  }

  toPeers = (impairment: Impairment): Promise<Counts> => this.#command({ to_peers: impairment });
  toServer = (impairment: Impairment): Promise<Counts> => this.#command({ to_server: impairment });
  /** Sends the last datagrams towards the server again, from their own socket and a stranger's. */
  replay = (count: number): Promise<Counts> => this.#command({ replay: count });
  /** Every peer comes from another port from now on, and what goes to the one before is lost. */
  rebind = (): Promise<Counts> => this.#command('rebind');
  counts = (): Promise<Counts> => this.#command('counts');

  async #command(command: unknown): Promise<Counts> {
    this.#process.child.stdin?.write(`${JSON.stringify(command)}\n`);
    const line = await this.#lines.next();
    if (line.done === true) throw new Error(`the proxy ended:\n${this.#process.output}`);
    return JSON.parse(line.value) as Counts;
  }

  stop = (): Promise<void> => this.#process.end();
}
