// Paths of the tools that the tests start.

import { existsSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

export const REPOSITORY = fileURLToPath(new URL('../../..', import.meta.url));

/** Folder into which `scripts/setup` puts tools that come from package registries. */
const TOOLS = process.env['SLUICE_TOOLS_DIR'] ?? join(REPOSITORY, 'target', 'tools');

function needed(name: string): string {
  const path = process.env[name];
  if (path === undefined || !existsSync(path)) {
    throw new Error(`${name} must name the built binary; \`cargo test -p sluice-e2e\` sets it`);
  }
  return path;
}

/** The server under test. */
export const sluiceBinary = (): string => needed('SLUICE_BIN');

/** The impairment proxy of this package. */
export const proxyBinary = (): string => needed('SLUICE_UDP_PROXY');

/** The static ffmpeg with the `whip` muxer, from the wheel imageio-ffmpeg. */
export function ffmpegBinary(): string {
  const lib = join(TOOLS, 'venv', 'lib');
  for (const python of existsSync(lib) ? readdirSync(lib) : []) {
    const folder = join(lib, python, 'site-packages', 'imageio_ffmpeg', 'binaries');
    const binary = existsSync(folder) ? readdirSync(folder).find((name) => name.startsWith('ffmpeg-')) : undefined;
    if (binary !== undefined) return join(folder, binary);
  }
  throw new Error(`no ffmpeg under ${lib}: run \`make setup\``);
}
