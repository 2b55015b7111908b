import {
  linkSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { verifyFiles } from '@proxycast/plugin-host';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { clearIncoming, placePlugin } from './place-plugin.ts';

let home: string;
let from: string;
let folder: string;
beforeEach(() => {
  home = mkdtempSync(join(tmpdir(), 'proxycast-place-'));
  from = join(home, 'from');
  folder = join(home, 'plugins');
  mkdirSync(join(from, 'bin'), { recursive: true });
  mkdirSync(join(folder, 'one'), { recursive: true });
  writeFileSync(join(from, 'plugin.json'), 'new');
  writeFileSync(join(from, 'bin', 'backend.js'), 'code');
  writeFileSync(join(folder, 'one', 'plugin.json'), 'old');
});
afterEach(() => rmSync(home, { recursive: true, force: true }));

const place = () => placePlugin({ from, folder, name: 'one', id: 'i1', verify: verifyFiles });
const installed = (): string => readFileSync(join(folder, 'one', 'plugin.json'), 'utf8');

test('nothing changes before it is put in place, and nothing is left of the way there', async () => {
  const placed = await place();
  expect(Object.keys(placed.digests)).toEqual(['bin/backend.js', 'plugin.json']);
  expect(installed()).toBe('old');
  await placed.commit();
  expect(installed()).toBe('new');
  expect(readdirSync(join(folder, '.incoming'))).toEqual([]);
});

test('one that is not wanted leaves what was there', async () => {
  await (await place()).discard();
  expect(installed()).toBe('old');
});

test('where it cannot be put in place, what was there stays', async () => {
  const placed = await place();
  rmSync(join(folder, '.incoming', 'i1', 'one'), { recursive: true });
  await expect(placed.commit()).rejects.toThrow();
  await placed.discard();
  expect(installed()).toBe('old');
});

test('what an install left that was cut off is cleared, and nothing else', async () => {
  await place();
  await clearIncoming(folder);
  expect(readdirSync(folder)).toEqual(['one']);
});

test.each([
  ['a link to a file', () => symlinkSync('/etc/passwd', join(from, 'passwords'))],
  ['a link to a folder', () => symlinkSync('/etc', join(from, 'etc'))],
  [
    'a second name of a file elsewhere',
    () => {
      writeFileSync(join(home, 'elsewhere'), 'secret');
      linkSync(join(home, 'elsewhere'), join(from, 'here'));
    },
  ],
])('%s is refused', async (_what, make) => {
  make();
  await expect(place()).rejects.toMatchObject({ code: 'plugin_files_refused' });
  expect(installed()).toBe('old');
});
