import { spawnSync } from 'node:child_process';
import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { build } from './build.ts';

const TREE = {
  'package.json': '{ "type": "module" }',
  'package-lock.json': '{}',
  'apps/server/src/main.ts': `
    import { greet } from '@proxycast/greeting';
    import { shout } from 'shouting';
    import prices from '../../../presets/prices.json' with { type: 'json' };
    const price: number = prices.model;
    const { ask } = await import('./ask-worker.ts');
    console.log(shout(greet()), price, await ask());`,
  'apps/server/src/ask-worker.ts': `
    import { once } from 'node:events';
    import { extname } from 'node:path';
    import { Worker } from 'node:worker_threads';
    export async function ask(): Promise<unknown> {
      const worker = new Worker(new URL('./sqlite-worker' + extname(import.meta.url), import.meta.url));
      return (await once(worker, 'message'))[0];
    }`,
  'apps/server/src/sqlite-worker.ts': `
    import { parentPort } from 'node:worker_threads';
    import { greet } from '@proxycast/greeting';
    parentPort?.postMessage(greet() + ' from the worker');`,
  'apps/server/src/conversion-worker.ts': `export {};`,
  'apps/server/src/token-count-worker.ts': `export {};`,
  'packages/plugin-host/src/database/database-process.ts': `export {};`,
  'apps/cli/src/main.ts': `console.log('the command line');`,
  'apps/server/package.json': '{ "type": "module" }',
  'packages/greeting/package.json':
    '{ "name": "@proxycast/greeting", "type": "module", "exports": { ".": "./src/index.ts" } }',
  'packages/greeting/src/index.ts': `export const greet = (): string => 'hello';`,
  'presets/prices.json': '{ "model": 3 }',
  'node_modules/shouting/package.json': '{ "name": "shouting", "version": "1.2.3", "license": "MIT" }',
  'node_modules/shouting/index.js': `exports.shout = (text) => text.toUpperCase();`,
  'node_modules/shouting/LICENSE': 'Permission is granted to shout.',
};
let root: string;

beforeEach(() => {
  root = mkdtempSync(join(tmpdir(), 'proxycast-build-'));
  for (const [path, text] of Object.entries(TREE)) write(path, text);
  mkdirSync(join(root, 'node_modules/@proxycast'));
  symlinkSync(join(root, 'packages/greeting'), join(root, 'node_modules/@proxycast/greeting'));
});

afterEach(() => {
  rmSync(root, { recursive: true, force: true });
});

test('what is built runs without node_modules and without presets', async () => {
  await build(root);
  rmSync(join(root, 'node_modules'), { recursive: true });
  rmSync(join(root, 'presets'), { recursive: true });

  expect(run('apps/server/dist/main.js')).toBe('HELLO 3 hello from the worker\n');
  expect(existsSync(join(root, 'apps/server/dist/main.js.map'))).toBe(true);
});

test('the same sources run as they are', () => {
  expect(run('apps/server/src/main.ts')).toBe('HELLO 3 hello from the worker\n');
});

test('the licences of bundled packages are written beside the program', async () => {
  await build(root);
  const notices = readFileSync(join(root, 'apps/server/dist/THIRD-PARTY-NOTICES'), 'utf8');
  expect(notices).toContain('shouting 1.2.3 (MIT)');
  expect(notices).toContain('Permission is granted to shout.');
  expect(notices).not.toContain('greeting');
});

test('a bundled package without a licence fails the build', async () => {
  write('node_modules/shouting/package.json', '{ "name": "shouting", "version": "1.2.3" }');
  rmSync(join(root, 'node_modules/shouting/LICENSE'));
  await expect(build(root)).rejects.toThrow('shouting 1.2.3 has no licence');
});

test('an import that nothing answers fails the build, and names itself', async () => {
  write('packages/greeting/src/index.ts', `export { greet } from 'not-installed';`);
  await expect(build(root)).rejects.toThrow('not-installed');
});

test('a mistake in a source fails the build and names the file', async () => {
  write('packages/greeting/src/index.ts', 'export const greet = (): string => {');
  await expect(build(root)).rejects.toThrow('packages/greeting/src/index.ts');
});

test('a missing entry is named', async () => {
  rmSync(join(root, 'apps/server/src/sqlite-worker.ts'));
  await expect(build(root)).rejects.toThrow('Nothing to build at apps/server/src/sqlite-worker.ts');
});

function write(path: string, text: string): void {
  mkdirSync(dirname(join(root, path)), { recursive: true });
  writeFileSync(join(root, path), text);
}

function run(path: string): string {
  const { stdout, stderr } = spawnSync(process.execPath, [path], { cwd: root, encoding: 'utf8' });
  return stdout + stderr;
}
