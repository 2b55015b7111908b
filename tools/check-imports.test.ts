import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { findImportFaults } from './check-imports.ts';

const WIRE = 'packages/wire/src/frame.ts';
const GATEWAY = 'packages/gateway/src/stage.ts';
const GEMINI = 'packages/protocols/gemini/src/decode.ts';
let root: string;

beforeEach(() => {
  root = mkdtempSync(join(tmpdir(), 'proxycast-imports-'));
  write('package.json', '{ "devDependencies": { "vitest": "5.0.0" } }');
  writePackage('packages/spec', '@proxycast/spec', []);
  writePackage('packages/wire', '@proxycast/wire', ['@proxycast/spec'], { './sse': './src/sse.ts' });
  writePackage('packages/gateway', '@proxycast/gateway', ['@proxycast/spec', '@proxycast/wire', 'undici']);
  writePackage('packages/protocols/gemini', '@proxycast/protocol-gemini', ['@proxycast/spec', '@proxycast/wire']);
  writePackage('packages/storage', '@proxycast/storage', ['@proxycast/spec', '@proxycast/wire']);
  writePackage('packages/testkit', '@proxycast/testkit', ['@proxycast/spec', '@proxycast/wire']);
  writePackage('apps/server', 'proxycast', ['@proxycast/gateway', '@proxycast/protocol-gemini', '@proxycast/testkit']);
  write('presets/prices.json', '{}');
});

afterEach(() => rmSync(root, { recursive: true, force: true }));

describe('allowed is', () => {
  test.each([
    { why: 'spec, for everyone', path: GEMINI, source: `import type { Id } from '@proxycast/spec';` },
    { why: 'a room of the table', path: GATEWAY, source: `import { frame } from '@proxycast/wire';` },
    { why: 'an exported subpath', path: GATEWAY, source: `import { sse } from '@proxycast/wire/sse';` },
    { why: 'a declared dependency', path: GATEWAY, source: `import { Pool } from 'undici';` },
    { why: 'Node, in most rooms', path: GATEWAY, source: `import { Agent } from 'node:http';` },
    { why: 'Node, in a test of a pure room', path: testOf(GEMINI), source: `import { readFileSync } from 'node:fs';` },
    { why: 'testkit, in tests', path: testOf(GEMINI), source: `import { recordings } from '@proxycast/testkit';` },
    { why: 'Vitest, in tests', path: testOf(GEMINI), source: `import { test } from 'vitest';` },
    { why: 'Vitest, in testkit', path: 'packages/testkit/src/suite.ts', source: `import { test } from 'vitest';` },
    { why: 'any library, for the server', path: 'apps/server/src/compose.ts', source: `import '@proxycast/gateway';` },
    { why: 'a protocol, for the server', path: 'apps/server/src/a.ts', source: `import '@proxycast/protocol-gemini';` },
    {
      why: 'data, for the server',
      path: 'apps/server/src/compose.ts',
      source: `import prices from '../../../presets/prices.json' with { type: 'json' };`,
    },
    {
      why: 'data, for tests',
      path: testOf(GATEWAY),
      source: `import prices from '../../../presets/prices.json' with { type: 'json' };`,
    },
    { why: 'a file beside', path: GATEWAY, source: `import { plan } from './plan.ts';` },
    {
      why: 'anything, for tools',
      path: 'tools/x.ts',
      source: `import '../packages/wire/src/frame.ts'; import 'left';`,
    },
    { why: 'a word in a text', path: GATEWAY, source: 'export const text = "import x from \'@proxycast/storage\'";' },
    { why: 'what is in fixtures', path: 'packages/wire/fixtures/a.ts', source: `import '@proxycast/storage';` },
  ])('$why', ({ path, source }) => {
    write(path, source);
    expect(findImportFaults(root)).toEqual([]);
  });
});

describe('refused is', () => {
  test.each([
    {
      why: 'a room that the table does not give',
      path: GATEWAY,
      source: `import '@proxycast/storage';`,
      fault: 'packages/gateway may import packages/spec, packages/wire',
    },
    {
      why: 'one dialect in another',
      path: 'packages/protocols/gemini/src/a.ts',
      source: `import '@proxycast/protocol-openai-chat';`,
      fault: 'packages/protocols/* may import packages/spec, packages/wire, packages/conversion only',
    },
    {
      why: 'anything in spec',
      path: 'packages/spec/src/a.ts',
      source: `import '@proxycast/wire';`,
      fault: 'may import',
    },
    {
      why: 'a type, as much as a value',
      path: GATEWAY,
      source: `import type { Row } from '@proxycast/storage';`,
      fault: '@proxycast/storage',
    },
    { why: 'a re-export', path: GATEWAY, source: `export * from '@proxycast/storage';`, fault: '@proxycast/storage' },
    {
      why: 'a named re-export',
      path: GATEWAY,
      source: `export { a } from '@proxycast/storage';`,
      fault: '@proxycast/storage',
    },
    {
      why: 'a dynamic import',
      path: GATEWAY,
      source: `await import('@proxycast/storage');`,
      fault: '@proxycast/storage',
    },
    {
      why: "a type's import",
      path: GATEWAY,
      source: `export type Row = import('@proxycast/storage').Row;`,
      fault: '@proxycast/storage',
    },
    { why: 'the table for a test', path: testOf(GATEWAY), source: `import '@proxycast/storage';`, fault: 'may import' },
    {
      why: 'a file of another package by path',
      path: GATEWAY,
      source: `import '../../wire/src/frame.ts';`,
      fault: 'reaches into packages/wire/src/frame.ts',
    },
    {
      why: 'a file of another package by name',
      path: GATEWAY,
      source: `import '@proxycast/wire/src/frame.ts';`,
      fault: 'which packages/wire/package.json does not export',
    },
    { why: 'its own index', path: WIRE, source: `import './index.ts';`, fault: 'the index of its own package' },
    {
      why: 'its own index, from a test',
      path: testOf(WIRE),
      source: `import './index.ts';`,
      fault: 'the index of its own package',
    },
    {
      why: 'its own package by name',
      path: WIRE,
      source: `import '@proxycast/wire';`,
      fault: 'its own package by name',
    },
    { why: 'Node in a pure room', path: GEMINI, source: `import 'node:zlib';`, fault: 'knows nothing of Node' },
    {
      why: 'Node in a pure room without its prefix',
      path: GEMINI,
      source: `import 'fs';`,
      fault: 'knows nothing of Node',
    },
    {
      why: 'Node in spec',
      path: 'packages/spec/src/a.ts',
      source: `import 'node:crypto';`,
      fault: 'knows nothing of Node',
    },
    { why: 'testkit outside tests', path: WIRE, source: `import '@proxycast/testkit';`, fault: 'which only tests may' },
    {
      why: 'testkit in the server',
      path: 'apps/server/src/a.ts',
      source: `import '@proxycast/testkit';`,
      fault: 'which only tests may',
    },
    { why: 'a test from elsewhere', path: WIRE, source: `import './a.test.ts';`, fault: 'which belongs to tests' },
    {
      why: 'an undeclared npm package',
      path: WIRE,
      source: `import 'undici';`,
      fault: 'does not list as a dependency',
    },
    {
      why: 'an undeclared package of ours',
      path: 'apps/server/src/a.ts',
      source: `import '@proxycast/wire';`,
      fault: 'apps/server/package.json does not list as a dependency',
    },
    { why: 'Vitest outside tests', path: WIRE, source: `import 'vitest';`, fault: 'does not list as a dependency' },
    {
      why: 'data outside the server',
      path: GATEWAY,
      source: `import '../../../presets/prices.json';`,
      fault: 'only apps/server may',
    },
    { why: 'a package without a row', path: 'packages/new/src/a.ts', source: '', fault: 'is in no room' },
    { why: 'a source outside every package', path: 'packages/a.ts', source: '', fault: 'is in no package' },
    { why: 'a nameless folder', path: 'packages/wire/src/utils/a.ts', source: '', fault: 'names nothing' },
    { why: 'a nameless file', path: 'tools/helpers.ts', source: '', fault: 'names nothing' },
  ])('$why', ({ path, source, fault }) => {
    writePackage('packages/new', '@proxycast/new', []);
    writePackage('packages/protocols/openai-chat', '@proxycast/protocol-openai-chat', []);
    write(path, source);
    const faults = findImportFaults(root).filter((found) => !found.path.startsWith('packages/new/src/index'));
    expect(faults).toEqual([expect.objectContaining({ message: expect.stringContaining(fault) })]);
  });
});

test('a fault names its file and its line', () => {
  write(GATEWAY, `\n\nexport const a = 1;\nimport '@proxycast/storage';\n`);
  expect(findImportFaults(root)).toEqual([expect.objectContaining({ path: GATEWAY, line: 4 })]);
});

test('files of one package that import each other are refused, with the way round', () => {
  write('packages/wire/src/a.ts', `import './b.ts';`);
  write('packages/wire/src/b.ts', `import './c.ts';`);
  write('packages/wire/src/c.ts', `import type { A } from './a.ts';`);
  const way = ['a', 'b', 'c', 'a'].map((name) => `packages/wire/src/${name}.ts`).join(' → ');
  expect(findImportFaults(root)).toEqual([{ path: 'packages/wire/src/a.ts', message: `is in a cycle: ${way}` }]);
});

test('packages that import each other are refused, with the way round', () => {
  write(WIRE, `import '@proxycast/gateway';`);
  write(GATEWAY, `import '@proxycast/wire';`);
  expect(findImportFaults(root).map(({ message }) => message)).toContain(
    'is in a cycle: packages/gateway → packages/wire → packages/gateway',
  );
});

test('a source that cannot be parsed is named', () => {
  write(GATEWAY, 'import {');
  expect(() => findImportFaults(root)).toThrow(GATEWAY);
});

function testOf(path: string): string {
  return path.replace('.ts', '.test.ts');
}

function writePackage(
  folder: string,
  name: string,
  dependencies: string[],
  exports: Record<string, string> = {},
): void {
  const text = JSON.stringify({
    name,
    exports: { '.': './src/index.ts', ...exports },
    dependencies: Object.fromEntries(dependencies.map((dependency) => [dependency, '0.1.0'])),
  });
  write(`${folder}/package.json`, text);
  write(`${folder}/src/index.ts`, 'export {};');
}

function write(path: string, text: string): void {
  mkdirSync(dirname(join(root, path)), { recursive: true });
  writeFileSync(join(root, path), text);
}
