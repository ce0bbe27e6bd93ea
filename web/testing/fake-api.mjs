// A server that only knows the REST API and answers WHEP and WHIP with what a scene asks for.
// `npm run fake-api -- busy` (or: empty, long, viewer, moderator, fresh, mfa, down), then
// `SLUICE_SERVER=http://127.0.0.1:8099 npm run dev`. Any sign-in is Ada's, and changes last until
// the process ends. What it knows is in `fake/`, one file an area.
import { createServer } from 'node:http';
import { adminApi } from './fake/admin.mjs';
import { chatApi } from './fake/chat.mjs';
import { PICTURES } from './fake/chat-people.mjs';
import { peopleApi } from './fake/people.mjs';
import { mediaFile } from './fake/recordings.mjs';
import { streamsApi } from './fake/streams.mjs';

const PORT = Number(process.env.PORT ?? 8099);
const scene = process.argv[2] ?? 'busy';
const people = peopleApi(scene, `http://localhost:${PORT}`);
const areas = [people.answer, chatApi(), adminApi(scene), streamsApi(scene)];

function problem(response, status, code, headers = {}, errors = undefined) {
  response.writeHead(status, { 'content-type': 'application/problem+json', ...headers });
  response.end(
    JSON.stringify({
      type: 'about:blank',
      title: code,
      status,
      code,
      detail: code,
      request_id: 'req-7f3a',
      errors,
    }),
  );
}

async function bodyOf(request) {
  const parts = [];
  for await (const part of request) parts.push(part);
  const isJson = request.headers['content-type']?.includes('json');
  return isJson && parts.length > 0 ? JSON.parse(Buffer.concat(parts).toString()) : undefined;
}

createServer(async (request, response) => {
  const { pathname, searchParams: query } = new URL(request.url, 'http://localhost');
  const { method, headers } = request;
  if (scene === 'down') return problem(response, 503, 'overloaded', { 'retry-after': '2' });
  const media = mediaFile(pathname);
  if (media !== undefined) {
    response.writeHead(200, { 'content-type': media.type });
    return response.end(media.body);
  }
  if (/^\/(hls|vod)\//.test(pathname)) return problem(response, 409, 'hls_not_live');
  if (pathname.startsWith('/whep/nobody')) return problem(response, 404, 'unknown_stream');
  if (pathname.startsWith('/whep/'))
    return problem(response, 409, 'not_live', { 'retry-after': '3' });
  if (pathname.startsWith('/whip')) return problem(response, 403, 'forbidden');
  const emote = /^\/api\/v1\/assets\/emote-(\w+)\.svg$/.exec(pathname);
  if (emote !== null) {
    response.writeHead(200, { 'content-type': 'image/svg+xml' });
    return response.end(PICTURES[emote[1]]);
  }
  const asked = {
    method,
    path: pathname.replace('/api/v1', ''),
    query,
    body: await bodyOf(request),
    me: people.whoIs(headers.authorization),
    ifMatch: headers['if-match'],
  };
  for (const area of areas) {
    const answer = area(asked);
    if (answer === undefined) continue;
    if (answer.problem !== undefined)
      return problem(response, answer.status, answer.problem, {}, answer.errors);
    response.writeHead(answer.status, { 'content-type': 'application/json', ...answer.headers });
    return response.end(answer.body === undefined ? undefined : JSON.stringify(answer.body));
  }
  return problem(response, 404, 'not_found');
}).listen(PORT, '127.0.0.1', () =>
  console.log(`fake API, scene ${scene}, on http://127.0.0.1:${PORT}`),
);
