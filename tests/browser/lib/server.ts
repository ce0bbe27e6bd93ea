// `sluice serve` as a child process with a configuration and a folder of its own.

import { execFile } from 'node:child_process';
import { existsSync } from 'node:fs';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { networkInterfaces, tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';

import { Process } from './process.ts';
import { sluiceBinary } from './venue.ts';

export const STREAM = 'e2e';
export const KEY = 'e2e.0123456789abcdef';
/** Whose stream it is. */
export const OWNER = { email: 'owner@example.org', password: 'Correct-Horse-7-Battery' };

/** Longest start-up on a busy machine. */
const START_TIMEOUT_MS = 20_000;

interface Ready {
  http: string;
  https?: string | null;
  udp: number | string;
  internal: string;
  key?: string;
  stream?: string;
}

/** What a server is to be like. */
export interface ServerOptions {
  /** Appended to the section `media` of the configuration. */
  media?: string;
  /** What the server tells of where its media is; without, where it really is. */
  addresses?: readonly string[];
  /** Further sections of the configuration. */
  sections?: string;
  /** Nobody has an account there: whoever comes first sets it up. */
  fresh?: boolean;
}

export class Server {
  readonly #process: Process;
  readonly #folder: string;
  readonly ready: Ready;

  private constructor(process: Process, folder: string, ready: Ready) {
    this.#process = process;
    this.#folder = folder;
    this.ready = ready;
  }

  /** Starts a server on free ports. */
  static async start(options: ServerOptions = {}, args: string[] = []): Promise<Server> {
    const folder = await mkdtemp(join(tmpdir(), 'sluice-server-'));
    const config = join(folder, 'sluice.toml');
    await writeFile(config, configuration(folder, options));
    if (options.fresh !== true && !args.includes('--demo')) await provision(config);
    const readyFile = join(folder, 'ready.json');
    const child = new Process(
      sluiceBinary(),
      ['serve', '--listen', '127.0.0.1:0', '--udp-port', '0', '--ready-json', readyFile, '--config', config, ...args],
      { cwd: folder },
    );
    const until = Date.now() + START_TIMEOUT_MS;
    while (Date.now() < until && child.running) {
      const ready = existsSync(readyFile) ? parse(await readFile(readyFile, 'utf8')) : null;
      if (ready !== null) return new Server(child, folder, ready);
      await sleep(20);
    }
    await child.end('SIGKILL');
    throw new Error(`the server did not become ready:\n${child.output}`);
  }

  get http(): string {
    return this.ready.http.replace(/\/$/, '');
  }

  /** Base URL with TLS, where the configuration has a certificate. */
  get https(): string {
    if (typeof this.ready.https !== 'string') throw new Error('this server has no certificate');
    return this.ready.https.replace('127.0.0.1', 'localhost');
  }

  get whip(): string {
    return `${this.http}/whip/${STREAM}`;
  }

  get whep(): string {
    return `${this.http}/whep/${STREAM}`;
  }

  /** The media port. */
  get udpPort(): number {
    return Number(String(this.ready.udp).split(':').at(-1));
  }

  get output(): string {
    return this.#process.output;
  }

  get running(): boolean {
    return this.#process.running;
  }

  /** Sum of the samples of a metric whose labels hold each of `labels` (as `key="value"`). */
  async metric(name: string, ...labels: string[]): Promise<number> {
    const base = this.ready.internal.replace(/\/(metrics)?$/, '');
    const text = await (await fetch(`${base}/metrics`)).text();
    let sum = 0;
    for (const line of text.split('\n')) {
      const split = line.lastIndexOf(' ');
      const series = line.slice(0, split);
      if (series.split('{')[0] === name && labels.every((label) => series.includes(label))) sum += Number(line.slice(split));
    }
    return sum;
  }

  /** CPU seconds that the process has used. */
  async cpuSeconds(): Promise<number> {
    const stat = await readFile(`/proc/${this.#process.child.pid}/stat`, 'utf8');
    const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
    return (Number(fields[11]) + Number(fields[12])) / 100;
  }

  signal(signal: NodeJS.Signals): void {
    this.#process.child.kill(signal);
  }

  async stop(signal: NodeJS.Signals = 'SIGTERM'): Promise<void> {
    await this.#process.end(signal, 15_000);
    await rm(this.#folder, { recursive: true, force: true });
  }
}

function parse(text: string): Ready | null {
  try {
    return JSON.parse(text) as Ready;
  } catch {
    // Half written; read it again.
    return null;
  }
}

/** Loopback first; and one of the machine's own, because Firefox takes no candidate on loopback. */
function addresses(): string[] {
  const own = Object.values(networkInterfaces())
    .flatMap((interfaces) => interfaces ?? [])
    .find(({ family, internal }) => family === 'IPv4' && !internal);
  return ['127.0.0.1', ...(own === undefined ? [] : [own.address])];
}

const configuration = (folder: string, { media = '', sections = '', ...options }: ServerOptions): string => `
internal_listen = "127.0.0.1:0"
data_dir = ${JSON.stringify(folder)}

[http]
requests_per_second = 0
api_requests_per_minute = 0

[media]
public_addresses = ${JSON.stringify(options.addresses ?? addresses())}
${media}

${sections}
`;

/** Makes the owner and the stream with its key, as an operator does. */
async function provision(config: string): Promise<void> {
  const account = ['account', 'create', '--email', OWNER.email, '--handle', 'owner', '--role', 'admin'];
  await sluice([...account, '--password-file', '-', '--config', config], OWNER.password);
  await sluice(['stream', 'create', STREAM, '--owner', 'owner', '--key-file', '-', '--config', config], KEY);
}

/** Runs `sluice` to its end with this standard input. */
function sluice(args: string[], input: string): Promise<void> {
  return new Promise((done, failed) => {
    const child = execFile(sluiceBinary(), args, (error, stdout, stderr) => {
      if (error === null) done();
      else failed(new Error(`sluice ${args.join(' ')}: ${stdout}${stderr}`));
    });
    child.stdin?.end(input);
  });
}
