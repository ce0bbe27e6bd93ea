// Puts ReDoc beside the web app, so that the server shows its API without a network.
import { copyFileSync } from 'node:fs';

const bundles = new URL('../node_modules/redoc/bundles/', import.meta.url);
const dist = new URL('../dist/', import.meta.url);
for (const file of ['redoc.standalone.js', 'redoc.standalone.js.LICENSE.txt']) {
  copyFileSync(new URL(file, bundles), new URL(file, dist));
}
