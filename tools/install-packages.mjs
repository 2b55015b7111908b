import { spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { basename, join, sep } from 'node:path';
import { findMissingPackages } from './find-missing-packages.mjs';
import { findPinnedNode } from './pinned-node.mjs';
import { SetupFault } from './setup-fault.mjs';

const NPM_OPTIONS = [
  '--no-audit',
  '--no-fund',
  '--no-progress',
  '--loglevel=error',
  // No dependency needs its install script, so none gets to run one.
  '--ignore-scripts',
  // NODE_ENV=production or a personal .npmrc would leave out the bundler or the pinned Node.
  '--include=dev',
  '--include=optional',
];

const REMEDIES = [
  {
    sign: /EUSAGE/,
    remedy: 'package.json and package-lock.json differ: make the lock file again as CONTRIBUTING.md says.',
  },
  {
    sign: /ENOTFOUND|EAI_AGAIN|ECONNREFUSED|ECONNRESET|ETIMEDOUT|ERR_SOCKET_TIMEOUT/,
    remedy: "npm's registry cannot be reached: check the network and npm's proxy settings with `npm ping`.",
  },
  { sign: /ENOSPC/, remedy: 'The disk is full: free about 600 MB.' },
  { sign: /EACCES|EPERM|EROFS/, remedy: 'This folder cannot be written: check who owns it, or move the clone.' },
  { sign: /EINTEGRITY/, remedy: 'A download was damaged: run `npm cache verify`.' },
];

/**
 * Makes node_modules in `folder` what its package-lock.json says, and does nothing when it already is.
 * `label` says in the line of progress what is being installed. Throws SetupFault.
 */
export function installPackages({ folder, label, root }) {
  const lock = readLock(folder);
  const stampPath = join(folder, 'node_modules', '.proxycast-prepared');
  const stamp = `${createHash('sha256').update(lock.text).digest('hex')} ${process.platform}-${process.arch}\n`;
  if (readIfThere(stampPath) === stamp) return;

  // Someone who ran npm by hand has it already; installing again would pull node_modules from under what runs.
  if (findMissing(folder, lock.packages).length > 0) {
    process.stderr.write(`Installing ${label} …\n`);
    runNpm(folder, outerNode(), 'replace');
    completeUnderPinnedNode(folder, lock.packages, root);
  }
  writeFileSync(stampPath, stamp);
}

// npm leaves optional packages out when the Node it runs on is older than they ask for, and the bundler's binary is
// one: a Node 20 before 20.19 installs all but that. The pinned Node, there by now, installs the rest.
function completeUnderPinnedNode(folder, packages, root) {
  const pinned = findPinnedNode(root);
  if (pinned === undefined || findMissing(folder, packages).length === 0) return;
  runNpm(folder, pinned, 'add');
}

function findMissing(folder, packages) {
  const hidden = readIfThere(join(folder, 'node_modules', '.package-lock.json'));
  const installed = hidden === undefined ? {} : JSON.parse(hidden).packages;
  return findMissingPackages(packages, installed, { os: process.platform, cpu: process.arch, libc: libc() });
}

function libc() {
  if (process.platform !== 'linux') return undefined;
  // Without this the report looks up the names of all network peers.
  process.report.excludeNetwork = true;
  return process.report.getReport().header.glibcVersionRuntime === undefined ? 'musl' : 'glibc';
}

function readLock(folder) {
  const path = join(folder, 'package-lock.json');
  const text = readIfThere(path);
  if (text === undefined) throw new SetupFault(`${path} is missing. Get it back with: git checkout package-lock.json`);
  try {
    return { text, packages: JSON.parse(text).packages };
  } catch {
    throw new SetupFault(`${path} is not JSON. Resolve its conflict, or make it again as CONTRIBUTING.md says.`);
  }
}

// The Node that npm itself runs on: unlike process.execPath it is not inside the node_modules about to be replaced.
function outerNode() {
  return process.env.npm_node_execpath ?? process.execPath;
}

function runNpm(folder, node, mode) {
  const isInUse = process.platform === 'win32' && node.startsWith(join(folder, 'node_modules') + sep);
  const isClean = mode === 'replace' && !isInUse;
  // `npm install --no-save` only adds what is missing and leaves the lock file alone; `npm ci` starts from nothing,
  // which Windows refuses while a program inside runs.
  const words = isClean ? ['ci', ...NPM_OPTIONS] : ['install', '--no-save', ...NPM_OPTIONS];
  const cli = process.env.npm_execpath;
  const isNpm = cli !== undefined && basename(cli) === 'npm-cli.js' && existsSync(cli);
  const result = isNpm
    ? spawnSync(node, [cli, ...words], npmSpawnOptions(folder))
    : spawnSync('npm', words, { ...npmSpawnOptions(folder), shell: process.platform === 'win32' });

  if (result.error !== undefined) {
    throw new SetupFault(
      `npm could not be started (${result.error.message}). Install Node with npm: https://nodejs.org`,
    );
  }
  if (result.status === 0) return;
  const said = `${result.stderr}${result.stdout}`;
  // After the fault itself npm prints the manual of its command.
  process.stderr.write(`${result.stderr.split(/\n.*\n.*(?:Clean install a project|Usage:)/)[0].trim()}\n`);
  const known = REMEDIES.find(({ sign }) => sign.test(said));
  throw new SetupFault(
    `Installing packages failed: npm ${words[0]} ended with ${result.status ?? result.signal}, its words are above.\n` +
      (known?.remedy ?? `Try it by hand in ${folder}: npm ${words[0]}`),
  );
}

function npmSpawnOptions(folder) {
  return { cwd: folder, stdio: ['ignore', 'pipe', 'pipe'], encoding: 'utf8', maxBuffer: 64 * 1024 * 1024 };
}

function readIfThere(path) {
  return existsSync(path) ? readFileSync(path, 'utf8') : undefined;
}
