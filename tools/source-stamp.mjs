import { createHash } from 'node:crypto';
import { readdirSync, statSync } from 'node:fs';
import { join } from 'node:path';

/** What the built server is made of. */
const SOURCES = ['package-lock.json', 'presets', 'apps', 'packages', 'tools/build.ts', 'tools/third-party-notices.ts'];
const IS_OUTSIDE = /^(fixtures|testkit|node_modules|dist|.*\.test\.ts|.*\.md)$/;

/** Changes when a source is edited, added or removed. Looks at names, sizes and times, not at contents. */
export function sourceStamp(root) {
  const hash = createHash('sha256');
  for (const path of SOURCES) addTo(hash, root, path);
  return hash.digest('hex');
}

function addTo(hash, root, path) {
  const stats = statSync(join(root, path), { throwIfNoEntry: false });
  if (stats === undefined) return;
  if (!stats.isDirectory()) {
    hash.update(`${path}\0${stats.size}\0${stats.mtimeMs}\n`);
    return;
  }
  for (const name of readdirSync(join(root, path)).sort()) {
    if (!IS_OUTSIDE.test(name)) addTo(hash, root, `${path}/${name}`);
  }
}
