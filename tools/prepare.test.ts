import { type SpawnSyncReturns, spawnSync } from 'node:child_process';
import { chmodSync, cpSync, existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';

const FILES = [
  'source-stamp.mjs',
  'prepare.mjs',
  'install-packages.mjs',
  'find-missing-packages.mjs',
  'pinned-node.mjs',
  'setup-fault.mjs',
];
const LOCKED = {
  'node_modules/wanted': { version: '1.0.0' },
  'node_modules/elsewhere': { version: '1.0.0', optional: true, os: ['plan9'] },
};
// Stands for npm: says what it was asked, and installs what the lock file in its folder holds for this platform.
const FAKE_NPM = `
  const fs = require('node:fs');
  fs.appendFileSync(process.env.ASKED, process.cwd() + ' ' + process.argv[2] + '\\n');
  if (process.env.NPM_FAILS) { console.error('npm error code ' + process.env.NPM_FAILS); process.exit(7); }
  const { packages } = JSON.parse(fs.readFileSync('package-lock.json', 'utf8'));
  const isForOldNode = process.env.NPM_SKIPS && process.argv[2] === 'ci';
  const installed = Object.entries(packages).filter(([, { os }]) => os === undefined || (os[0] === process.platform && !isForOldNode));
  fs.mkdirSync('node_modules/.bin', { recursive: true });
  fs.writeFileSync('node_modules/.package-lock.json', JSON.stringify({ packages: Object.fromEntries(installed) }));
  if (process.env.PINNED_NODE) { fs.rmSync('node_modules/.bin/node', { force: true }); fs.symlinkSync(process.env.PINNED_NODE, 'node_modules/.bin/node'); }
`;
const FAKE_BUILD = `
  import { mkdirSync } from 'node:fs';
  const onWhat: string = process.execPath;
  console.log('built on', onWhat);
  if (process.env.BUILD_FAILS) process.exit(1);
  mkdirSync('apps/server/dist', { recursive: true });
`;
let folder: string;
let root: string;

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'proxycast-prepare-'));
  root = join(folder, 'clone');
  for (const file of FILES) cpSync(join(import.meta.dirname, file), join(root, 'tools', file));
  write('tools/build.ts', FAKE_BUILD);
  write('../npm-cli.js', FAKE_NPM);
  writeLock(LOCKED);
});

afterEach(() => rmSync(folder, { recursive: true, force: true }));

describe('installing', () => {
  test('happens once, and again when the lock file changes', () => {
    expect(prepare('install')).toMatchObject({ status: 0, stderr: expect.stringContaining('Installing packages') });
    expect(prepare('install')).toMatchObject({ status: 0, stderr: '' });
    expect(asked()).toEqual([`${root} ci`]);

    writeLock({ ...LOCKED, 'node_modules/added': { version: '2.0.0' } });
    prepare('install');
    expect(asked()).toHaveLength(2);
  });

  test('happens again when an earlier one was cut off', () => {
    prepare('install');
    rmSync(join(root, 'node_modules/.package-lock.json'));
    rmSync(join(root, 'node_modules/.proxycast-prepared'));
    prepare('install');
    expect(asked()).toHaveLength(2);
  });

  test('does not happen when someone has run npm by hand', () => {
    prepare('install');
    rmSync(join(root, 'node_modules/.proxycast-prepared'));
    prepare('install');
    expect(asked()).toHaveLength(1);
  });

  test('is completed under the pinned Node when npm left out what the running Node is too old for', () => {
    writeLock({
      ...LOCKED,
      'node_modules/binary': { version: '1.0.0', optional: true, os: [process.platform], cpu: [process.arch] },
    });
    expect(prepare('install', { NPM_SKIPS: 'yes' }).status).toBe(0);
    expect(asked()).toEqual([`${root} ci`, `${root} install`]);
    prepare('install');
    expect(asked()).toHaveLength(2);
  });

  test.each([
    { code: 'EUSAGE', remedy: 'make the lock file again' },
    { code: 'ENOTFOUND', remedy: 'npm ping' },
    { code: 'ENOSPC', remedy: 'The disk is full' },
    { code: 'EWHATEVER', remedy: 'Try it by hand' },
  ])('that fails with $code says what to do and is tried again', ({ code, remedy }) => {
    const failed = prepare('install', { NPM_FAILS: code });
    expect(failed.status).toBe(1);
    expect(failed.stderr).toContain(remedy);
    expect(failed.stderr).toContain(`npm error code ${code}`);
    expect(failed.stderr).not.toContain('    at ');
    expect(prepare('install').status).toBe(0);
    expect(asked()).toHaveLength(2);
  });

  test('without a lock file, or with a broken one, says how to get it back', () => {
    write('package-lock.json', '<<<<<<< HEAD');
    expect(prepare('install').stderr).toContain('is not JSON');
    rmSync(join(root, 'package-lock.json'));
    expect(prepare('install').stderr).toContain('git checkout package-lock.json');
  });

  test('of the end-to-end tests happens in their own folder, and only where they are', () => {
    expect(prepare('e2e').status).toBe(0);
    write('e2e/package.json', '{}');
    write('e2e/package-lock.json', JSON.stringify({ packages: LOCKED }));
    expect(prepare('e2e').status).toBe(0);
    expect(prepare('e2e').status).toBe(0);
    expect(asked()).toEqual([`${root} ci`, `${join(root, 'e2e')} ci`]);
  });
});

describe('the pinned Node', () => {
  test('runs the build', () => {
    expect(prepare('start').stdout).toBe(`built on ${process.execPath}\n`);
    expect(existsSync(join(root, 'node_modules/.bin/node'))).toBe(true);
  });

  test('runs the build also when it is not what runs the set-up', () => {
    const other = join(folder, 'other-node');
    write('../other-node', `#!/bin/sh\nexec ${process.execPath} "$@"\n`);
    chmodSync(other, 0o755);
    expect(prepare('start', { PINNED_NODE: other }).stdout).toBe(`built on ${process.execPath}\n`);
  });

  test('that does not start gives way to a running Node that is new enough, and is taken out of the way', () => {
    const broken = join(folder, 'broken-node');
    write('../broken-node', '#!/bin/sh\necho no such library >&2\nexit 127\n');
    chmodSync(broken, 0o755);
    const result = prepare('start', { PINNED_NODE: broken });
    expect(result).toMatchObject({ status: 0, stdout: `built on ${process.execPath}\n` });
    expect(result.stderr).toContain('no such library');
    expect(existsSync(join(root, 'node_modules/.bin/node'))).toBe(false);
  });

  test('that is too old gives way as well', () => {
    const old = join(folder, 'old-node');
    write('../old-node', '#!/bin/sh\necho v22.1.0\n');
    chmodSync(old, 0o755);
    expect(prepare('start', { PINNED_NODE: old }).stderr).toContain('is v22.1.0, not 26');
  });

  test('may be absent', () => {
    expect(prepare('start', { PINNED_NODE: '' })).toMatchObject({
      status: 0,
      stdout: `built on ${process.execPath}\n`,
    });
  });
});

describe('the build', () => {
  const SOURCE = 'packages/wire/src/frame.ts';
  const isBuilt = (purpose = 'start'): boolean => prepare(purpose).stdout !== '';

  test('does not happen again for the same sources', () => {
    write(SOURCE, 'first');
    expect(isBuilt()).toBe(true);
    expect(isBuilt()).toBe(false);
    expect(isBuilt('test')).toBe(false);
    expect(isBuilt('bench')).toBe(false);
  });

  test('happens again when a source is edited, added or removed, or the lock file changes', () => {
    write(SOURCE, 'first');
    isBuilt();
    write(SOURCE, 'second');
    expect(isBuilt()).toBe(true);
    write('apps/server/src/new/added.ts', '');
    expect(isBuilt()).toBe(true);
    rmSync(join(root, 'apps/server/src/new'), { recursive: true });
    expect(isBuilt()).toBe(true);
    write('presets/api-key/providers.json', '{}');
    expect(isBuilt()).toBe(true);
    writeLock({});
    expect(isBuilt()).toBe(true);
    expect(isBuilt()).toBe(false);
  });

  test('does not happen again for tests, fixtures, papers and what is built or installed', () => {
    isBuilt();
    for (const path of ['src/a.test.ts', 'src/fixtures/a.json', 'README.md', 'dist/a.js', 'node_modules/a/a.js']) {
      write(`packages/wire/${path}`, '');
    }
    write('packages/testkit/src/a.ts', '');
    expect(isBuilt()).toBe(false);
  });

  test('happens when a person asks for it, whatever was built', () => {
    isBuilt();
    expect(isBuilt('build')).toBe(true);
    expect(isBuilt('start')).toBe(false);
  });

  test('that fails fails the command, and is tried again', () => {
    expect(prepare('start', { BUILD_FAILS: 'yes' })).toMatchObject({
      status: 1,
      stderr: expect.stringContaining('The server was not built'),
    });
    expect(isBuilt()).toBe(true);
  });
});

test('an unknown purpose is refused with the known ones', () => {
  expect(prepare('stat').stderr).toContain('start, test, bench');
});

function prepare(purpose: string, environment: Record<string, string> = {}): SpawnSyncReturns<string> {
  return spawnSync(process.execPath, [join(root, 'tools/prepare.mjs'), purpose], {
    encoding: 'utf8',
    env: {
      ASKED: join(folder, 'asked'),
      npm_execpath: join(folder, 'npm-cli.js'),
      PINNED_NODE: process.execPath,
      PATH: process.env.PATH,
      ...environment,
    },
  });
}

function asked(): string[] {
  const path = join(folder, 'asked');
  return existsSync(path) ? readFileSync(path, 'utf8').trim().split('\n') : [];
}

function writeLock(packages: object): void {
  write('package-lock.json', JSON.stringify({ packages: { '': {}, ...packages } }));
}

function write(path: string, text: string): void {
  const absolute = join(root, path);
  mkdirSync(dirname(absolute), { recursive: true });
  writeFileSync(absolute, text);
}
