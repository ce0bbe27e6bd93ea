// Serves the test page from an origin of its own, so that every request to the server is cross-origin.

import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { fileURLToPath } from 'node:url';

import { build } from 'esbuild';

const HTML = `<!doctype html><html lang="en"><meta charset="utf-8"><title>Sluice test page</title>
<body><script src="/page.js"></script></body></html>`;

export interface Pages {
  url: string;
  close(): void;
}

/** Bundles `page/main.ts` and serves it on a free port of localhost (a secure context). */
export async function servePages(): Promise<Pages> {
  const bundle = await build({
    entryPoints: [fileURLToPath(new URL('../page/main.ts', import.meta.url))],
    bundle: true,
    write: false,
    format: 'iife',
    target: 'es2022',
    platform: 'browser',
    define: { global: 'globalThis' },
    logLevel: 'error',
  });
  const script = bundle.outputFiles[0]?.text ?? '';
  const server: Server = createServer((request, response) => {
    const isScript = request.url === '/page.js';
    response.writeHead(200, { 'Content-Type': isScript ? 'text/javascript' : 'text/html' });
    response.end(isScript ? script : HTML);
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  return {
    url: `http://localhost:${port}/`,
    close: () => {
      server.closeAllConnections();
      server.close();
    },
  };
}
