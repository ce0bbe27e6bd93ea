// A server that only knows the REST API and answers WHEP and WHIP with what a scene asks for.
// `npm run fake-api -- busy` (or: empty, long, down), then `SLUICE_SERVER=http://127.0.0.1:8099 npm run dev`.
import { createServer } from 'node:http';

const PORT = Number(process.env.PORT ?? 8099);
const scene = process.argv[2] ?? 'busy';

const layers = [
  { rid: 'h', width: 1280, height: 720, bitrate: 2_410_000, fps: 30, active: true },
  { rid: 'm', width: 640, height: 360, bitrate: 640_000, fps: 30, active: true },
  { rid: 'l', width: 320, height: 180, bitrate: 160_000, fps: 30, active: true },
];

const stream = (name, title, viewers, minutes, state = 'live') => ({
  name,
  title,
  state,
  live_since: state === 'offline' ? null : Date.now() - minutes * 60_000,
  viewers,
  codec: 'h264',
  layers: state === 'offline' ? [] : layers,
  issues: [],
});

const LONG =
  'Eine sehr lange Überschrift über Donaudampfschifffahrtsgesellschaftskapitäne, die auf jeder Karte und jeder Seite noch gut aussehen muss, ja';

const scenes = {
  empty: [],
  busy: [
    stream('demo', 'Building a bird house, part 3', 128, 42),
    stream('harbour-cam', 'Harbour camera, north pier', 7, 1_230),
    stream('chess', 'Blitz until somebody cries', 1_234_567, 71),
    stream('kiln', 'Glaze tests', 0, 3),
    stream('radio', 'Night shift radio', 56, 204, 'gap'),
  ],
  long: [
    stream('a'.repeat(64), LONG, 1_234_567, 9_000),
    stream('arabic', 'بث مباشر من المرفأ: الصيد في الليل', 3, 12),
    stream('emoji', '🎹🌊 late piano, no talking', 12, 5),
  ],
};

function problem(response, status, code, headers = {}) {
  response.writeHead(status, { 'content-type': 'application/problem+json', ...headers });
  response.end(
    JSON.stringify({
      type: 'about:blank',
      title: code,
      status,
      code,
      detail: code,
      request_id: 'req-7f3a',
    }),
  );
}

function json(response, body) {
  response.writeHead(200, { 'content-type': 'application/json' });
  response.end(JSON.stringify(body));
}

createServer((request, response) => {
  const { pathname } = new URL(request.url, 'http://localhost');
  const live = scenes[scene] ?? [];
  if (scene === 'down') return problem(response, 503, 'overloaded', { 'retry-after': '2' });
  if (pathname === '/api/v1/server') {
    const base = `http://localhost:${PORT}`;
    return json(response, {
      version: '0.1.0',
      whip_url: `${base}/whip`,
      whep_url_template: `${base}/whep/{stream}`,
      demo: { stream: 'demo', key: 'demo.4f1c9a7be02d4c7f9f0e' },
    });
  }
  if (pathname === '/api/v1/streams') return json(response, live);
  if (pathname.startsWith('/api/v1/streams/')) {
    const name = decodeURIComponent(pathname.split('/').at(-1));
    const found = live.find((candidate) => candidate.name === name);
    if (name === 'nobody') return problem(response, 404, 'unknown_stream');
    return json(response, found ?? stream(name, 'A stream that is not live', 0, 0, 'offline'));
  }
  if (pathname.startsWith('/whep/nobody')) return problem(response, 404, 'unknown_stream');
  if (pathname.startsWith('/whep/'))
    return problem(response, 409, 'not_live', { 'retry-after': '3' });
  if (pathname.startsWith('/whip')) return problem(response, 403, 'forbidden');
  return problem(response, 404, 'not_found');
}).listen(PORT, '127.0.0.1', () =>
  console.log(`fake API, scene ${scene}, on http://127.0.0.1:${PORT}`),
);
