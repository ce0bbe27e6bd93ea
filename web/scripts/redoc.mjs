// Puts ReDoc beside the web app, so that the server shows its API without a network.
import { copyFileSync, readFileSync, writeFileSync } from 'node:fs';

// The logo is fetched from its makers' servers, which the page's policy forbids: an empty picture instead.
const LOGO = 'https://cdn.redoc.ly/redoc/logo-mini.svg';
const EMPTY = 'data:image/gif;base64,R0lGODlhAQABAAAAACH5BAEKAAEALAAAAAABAAEAAAICTAEAOw==';

const bundles = new URL('../node_modules/redoc/bundles/', import.meta.url);
const dist = new URL('../dist/', import.meta.url);

const script = readFileSync(new URL('redoc.standalone.js', bundles), 'utf8');
if (!script.includes(LOGO)) throw new Error('ReDoc has its logo elsewhere now');
writeFileSync(new URL('redoc.standalone.js', dist), script.replaceAll(LOGO, EMPTY));

const license = 'redoc.standalone.js.LICENSE.txt';
copyFileSync(new URL(license, bundles), new URL(license, dist));
