import react from '@vitejs/plugin-react';
import { fileURLToPath } from 'node:url';
import { defineConfig } from 'vitest/config';

// The server that `npm run dev` and `npm run preview` talk to.
const server = process.env.SLUICE_SERVER ?? 'http://127.0.0.1:8080';
const proxy = Object.fromEntries(
  ['/api', '/whip', '/whep', '/hls', '/vod', '/session', '/health', '/ws', '/doctor/'].map(
    (path) => [path, { target: server, ws: path === '/ws' }],
  ),
);

// The policy that the server sends with the pages, so that a preview breaks where the product would.
const policy =
  "default-src 'self'; script-src 'self'; style-src 'self'; img-src 'self' blob:; media-src 'self' blob: mediastream:; font-src 'self'; connect-src 'self'; worker-src 'self' blob:; object-src 'none'; base-uri 'none'; form-action 'self'";

export default defineConfig({
  plugins: [react()],
  base: '/',
  resolve: { alias: { '@': fileURLToPath(new URL('./src', import.meta.url)) } },
  build: {
    target: 'es2022',
    // Everything is a file of its own: the server sends no `data:` in its content security policy.
    assetsInlineLimit: 0,
    manifest: true,
    modulePreload: { polyfill: false },
  },
  server: { proxy },
  preview: { proxy, headers: { 'content-security-policy': policy } },
  test: {
    environment: 'jsdom',
    // Typing letter by letter takes its time on a busy machine; nothing here waits for a clock.
    testTimeout: 20_000,
    setupFiles: ['src/testing/setup.ts'],
    include: ['src/**/*.test.{ts,tsx}'],
    css: { modules: { classNameStrategy: 'non-scoped' } },
  },
});
