// Child processes that tests start: output kept for a failing test, ended by their own id.

import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';

export class Process {
  readonly child: ChildProcess;
  #output = '';

  constructor(command: string, args: string[], options: { cwd?: string; keepStdin?: boolean } = {}) {
    this.child = spawn(command, args, {
      cwd: options.cwd,
      stdio: [options.keepStdin === true ? 'pipe' : 'ignore', 'pipe', 'pipe'],
    });
    const keep = (chunk: Buffer): void => {
      // The tail is what explains a failure.
      this.#output = (this.#output + chunk.toString()).slice(-20_000);
    };
    this.child.stdout?.on('data', keep);
    this.child.stderr?.on('data', keep);
  }

  get output(): string {
    return this.#output;
  }

  get running(): boolean {
    return this.child.exitCode === null && this.child.signalCode === null;
  }

  /** Sends the signal and waits for the end; kills it when it does not end in time. */
  async end(signal: NodeJS.Signals = 'SIGTERM', timeoutMs = 5_000): Promise<void> {
    if (!this.running) return;
    const exit = once(this.child, 'exit');
    this.child.kill(signal);
    const timer = setTimeout(() => this.child.kill('SIGKILL'), timeoutMs);
    await exit;
    clearTimeout(timer);
  }
}
