// Certificates for tests, made by openssl, and what a browser must be told to take them.

import { execFileSync } from 'node:child_process';
import { createHash, X509Certificate } from 'node:crypto';
import { readFileSync, renameSync } from 'node:fs';
import { join } from 'node:path';
import { connect } from 'node:tls';

/** Files of the certificate and its key. */
export interface Pair {
  certificate: string;
  key: string;
  /** SHA-256 of the certificate, as Node writes it. */
  fingerprint: string;
  /** SHA-256 of the public key, as Chromium's switch for such tests takes it. */
  pin: string;
}

/** Makes a certificate for localhost. */
export function makePair(folder: string, name: string): Pair {
  const [certificate, key] = [join(folder, `${name}.crt`), join(folder, `${name}.key`)];
  execFileSync('openssl', [
    ...['req', '-x509', '-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:prime256v1', '-nodes', '-days', '30'],
    ...['-subj', `/CN=${name}`, '-addext', 'subjectAltName=DNS:localhost,IP:127.0.0.1'],
    ...['-keyout', key, '-out', certificate],
  ], { stdio: 'pipe' });
  const { fingerprint256 } = new X509Certificate(readFileSync(certificate));
  return { certificate, key, fingerprint: fingerprint256, pin: pinOf(certificate) };
}

/** SHA-256 of the public key of a certificate file. */
export function pinOf(certificate: string): string {
  const { publicKey } = new X509Certificate(readFileSync(certificate));
  return createHash('sha256').update(publicKey.export({ type: 'spki', format: 'der' })).digest('base64');
}

/** Puts a pair into the place of another, as a tool that renews does. */
export function replacePair(old: Pair, by: Pair): void {
  renameSync(by.certificate, old.certificate);
  renameSync(by.key, old.key);
}

/** The fingerprint of the certificate that a new connection is shown. */
export function shownAt(url: string): Promise<string> {
  const { hostname, port } = new URL(url);
  return new Promise((done, failed) => {
    const socket = connect({ host: hostname, port: Number(port), servername: hostname, rejectUnauthorized: false }, () => {
      done(socket.getPeerX509Certificate()?.fingerprint256 ?? '');
      socket.end();
    });
    socket.on('error', failed);
  });
}
