import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { findWordFaults } from './check-words.ts';

// Put together from parts, so that the check passes on this file.
const folder = (...names: string[]): string => `/${names.join('/')}/`;
const later = 'TO' + 'DO';
const left = (word: string): string => ['test', word].join('.');
const registry = `"resol${'ved'}": "https://registry.example/a.tgz"`;

test.each([
  { why: 'a work folder', path: 'a.ts', text: `'${folder('work')}main'` },
  { why: "an administrator's home", path: 'README.md', text: `see ${folder('root')}.npm` },
  { why: "a person's home", path: 'a.json', text: `"${folder('home', 'ada')}x"` },
  { why: "a person's home on macOS", path: 'a.json', text: `"${folder('Users', 'ada')}x"` },
  { why: 'a registry in a lock file', path: 'e2e/package-lock.json', text: registry },
  { why: 'a test alone', path: 'a.test.ts', text: `${left('only')}('x', () => {})` },
  { why: 'a test left out', path: 'a.test.ts', text: `${left('skip')}('x', () => {})` },
  { why: 'a table left out', path: 'a.test.ts', text: `${left('concurrent.skip')}.each([])('x', () => {})` },
  { why: 'a test to write', path: 'a.test.ts', text: `${left('to' + 'do')}('x')` },
  { why: 'work put off', path: 'a.ts', text: `// ${later}: later` },
  { why: 'work put off, the other way', path: '.ci/run', text: `# ${'FIX' + 'ME'}` },
])('$why is refused', ({ path, text }) => {
  expect(findWordFaults(path, `first\n${text}\nlast`)).toEqual([expect.objectContaining({ path, line: 2 })]);
});

test.each([
  { why: 'a folder whose name ends so', path: 'a.ts', text: `packages/frame${folder('work')}x and .${folder('root')}` },
  { why: 'a home in general', path: 'README.md', text: '~/.proxycast and /home and /root' },
  { why: 'a workspace in a lock file', path: 'package-lock.json', text: `"resol${'ved'}": "packages/wire"` },
  { why: 'a registry in a README', path: 'README.md', text: registry },
  { why: 'a condition on the machine', path: 'a.test.ts', text: `${left('skipIf')}(isWindows)('x', () => {})` },
  { why: 'a method called so elsewhere', path: 'a.ts', text: left('skip') },
  { why: 'another word', path: 'a.ts', text: `${later}S mastodon` },
  { why: 'a recorded answer', path: 'packages/testkit/fixtures/a.json', text: `${later} ${folder('root')}` },
])('$why is left alone', ({ path, text }) => {
  expect(findWordFaults(path, text)).toEqual([]);
});

test('the check does not refuse itself', () => {
  for (const name of ['check-words.ts', 'check-words.test.ts']) {
    expect(findWordFaults(`tools/${name}`, readFileSync(join(import.meta.dirname, name), 'utf8'))).toEqual([]);
  }
});
