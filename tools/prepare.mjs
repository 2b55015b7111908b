// Runs before `npm start`, `npm test` and `npm run bench`: installs and builds what is missing or out of date. It is the
// first thing to run on a fresh clone, on whatever Node the machine has (20 is the oldest), and runs before every start:
// so it is plain JavaScript, since loading one TypeScript file costs 70 ms, and imports nothing but Node's own modules
// and the plain files beside it.
import { spawnSync } from 'node:child_process';
import { existsSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { installPackages } from './install-packages.mjs';
import { chooseNode } from './pinned-node.mjs';
import { SetupFault } from './setup-fault.mjs';
import { sourceStamp } from './source-stamp.mjs';

const root = dirname(dirname(fileURLToPath(import.meta.url)));
const PURPOSES = {
  start: buildIfStale,
  test: buildIfStale,
  bench: buildIfStale,
  build: buildAnyway,
  install: () => {},
  e2e: installEndToEndTests,
};
const BUILD_STAMP = join(root, 'apps/server/dist/.sources');

try {
  prepare(process.argv[2] ?? 'start');
} catch (error) {
  if (!(error instanceof SetupFault)) throw error;
  process.stderr.write(`${error.message}\n`);
  process.exitCode = 1;
}

function prepare(purpose) {
  const step = PURPOSES[purpose];
  if (step === undefined) {
    throw new SetupFault(`Unknown purpose ${purpose}. One of: ${Object.keys(PURPOSES).join(', ')}.`);
  }
  installPackages({ folder: root, label: 'packages (about half a minute, only the first time)', root });
  step(chooseNode(root));
}

function buildIfStale(node) {
  // Taken before the build, so that an edit made meanwhile is seen the next time.
  const stamp = sourceStamp(root);
  if (existsSync(BUILD_STAMP) && readFileSync(BUILD_STAMP, 'utf8') === stamp) return;

  const startedAt = performance.now();
  const { status, error } = spawnSync(node, [join(root, 'tools', 'build.ts')], { cwd: root, stdio: 'inherit' });
  if (status !== 0) {
    const why = error === undefined ? 'its words are above' : error.message;
    throw new SetupFault(`The server was not built (${why}). Correct that, then run the command again.`);
  }
  writeFileSync(BUILD_STAMP, stamp);
  process.stderr.write(`Built the server in ${((performance.now() - startedAt) / 1000).toFixed(1)} s.\n`);
}

function buildAnyway(node) {
  rmSync(BUILD_STAMP, { force: true });
  buildIfStale(node);
}

function installEndToEndTests() {
  const folder = join(root, 'e2e');
  if (!existsSync(join(folder, 'package.json'))) return;
  installPackages({
    folder,
    label: 'the real clients that e2e tests drive (a few minutes, only the first time)',
    root,
  });
}
