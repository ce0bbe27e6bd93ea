// Fails when the first load of the watch page needs more script than we promise.
import { readFileSync } from 'node:fs';
import { gzipSync } from 'node:zlib';

const LIMIT_KB = 150;
const dist = new URL('../dist/', import.meta.url);
const manifest = JSON.parse(readFileSync(new URL('.vite/manifest.json', dist), 'utf8'));

/** Every chunk that is fetched before `entries` can run. */
function closure(entries) {
  const seen = new Set();
  const visit = (key) => {
    if (seen.has(key)) return;
    seen.add(key);
    (manifest[key].imports ?? []).forEach(visit);
  };
  entries.forEach(visit);
  return [...seen];
}

const entries = ['index.html', 'src/features/watch/WatchPage.tsx'].filter((key) => key in manifest);
let total = 0;
for (const key of closure(entries)) {
  const size =
    gzipSync(readFileSync(new URL(manifest[key].file, dist)), { level: 9 }).length / 1000;
  total += size;
  console.log(`${size.toFixed(1).padStart(7)} kB  ${manifest[key].file}`);
}
console.log(
  `${total.toFixed(1).padStart(7)} kB  first load of the watch page, gzip (limit ${LIMIT_KB} kB)`,
);
if (total > LIMIT_KB) process.exit(1);
