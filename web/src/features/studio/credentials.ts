import { useEffect, useState } from 'react';
import { serverInfo } from '@/lib/api/client';
import type { ServerInfo } from '@/lib/api/types';

export interface Credentials {
  stream: string;
  key: string;
  setStream(stream: string): void;
  setKey(key: string): void;
  /** Filled in by a demo server. */
  demo: boolean;
  server: ServerInfo | null;
}

const STREAM = 'sluice.stream';
const KEY = 'sluice.key';

/** What a stream may be called; the same rule as the server's. */
export function validStreamName(name: string): boolean {
  return /^[a-z0-9][a-z0-9_-]{0,63}$/.test(name);
}

/** Stream and key: from the address (`?stream=…#key=…`), else of this tab, else of a demo server. */
export function useCredentials(): Credentials {
  const [stream, setStream] = useState(
    () => asked().stream ?? sessionStorage.getItem(STREAM) ?? '',
  );
  const [key, setKey] = useState(() => asked().key ?? sessionStorage.getItem(KEY) ?? '');
  const [server, setServer] = useState<ServerInfo | null>(null);

  useEffect(() => sessionStorage.setItem(STREAM, stream), [stream]);
  useEffect(() => sessionStorage.setItem(KEY, key), [key]);
  // A secret does not stay in the address bar, where a shared screen would show it.
  useEffect(() => {
    if (asked().key !== null)
      history.replaceState(history.state, '', location.pathname + location.search);
  }, []);
  useEffect(() => {
    const abort = new AbortController();
    serverInfo(abort.signal)
      .then((info) => {
        setServer(info);
        const { demo } = info;
        if (demo === null) return;
        setStream((now) => (now === '' ? demo.stream : now));
        setKey((now) => (now === '' ? demo.key : now));
      })
      .catch(() => {
        // The fields can be filled in by hand; going live says what is wrong.
      });
    return () => abort.abort();
  }, []);

  const demo = server?.demo ?? null;
  return {
    stream,
    key,
    setStream,
    setKey,
    server,
    demo: demo !== null && demo.stream === stream && demo.key === key,
  };
}

function asked(): { stream: string | null; key: string | null } {
  return {
    stream: new URLSearchParams(location.search).get('stream'),
    key: new URLSearchParams(location.hash.slice(1)).get('key'),
  };
}

/** A name that a title suggests: "Building a bird house" becomes `building-a-bird-house`. */
export function nameFrom(title: string): string {
  return title
    .normalize('NFKD')
    .toLowerCase()
    .replaceAll('ß', 'ss')
    .replaceAll(/\p{M}/gu, '')
    .replaceAll(/[^a-z0-9_]+/g, '-')
    .slice(0, 48)
    .replaceAll(/^[-_]+|-+$/g, '');
}
