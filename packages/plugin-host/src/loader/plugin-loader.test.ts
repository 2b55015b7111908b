import { link, mkdir, mkdtemp, realpath, rename, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, test } from 'vitest';
import { sampleManifest } from '../testing/sample-manifest.ts';
import { type FolderChange, startPluginLoader } from './plugin-loader.ts';
import { verifyFiles } from './verify-files.ts';

const home = await realpath(await mkdtemp(join(tmpdir(), 'proxycast-loader-')));
afterAll(() => rm(home, { recursive: true, force: true }));
let count = 0;
const newFolder = (): string => join(home, `plugins-${++count}`);

async function writePlugin(folder: string, name: string, changes: object = {}): Promise<void> {
  // As an install does it: made beside, then renamed.
  const draft = join(folder, `.draft-${name}`);
  await mkdir(join(draft, 'bin'), { recursive: true });
  await writeFile(join(draft, 'plugin.json'), JSON.stringify(sampleManifest({ name, ...changes })));
  await writeFile(join(draft, 'bin', 'backend.js'), '//');
  await rename(draft, join(folder, name));
}

async function startLoader(folder: string, pollMs = 60_000) {
  const seen: string[] = [];
  const faults: string[] = [];
  const loader = await startPluginLoader({
    folder,
    context: { hostVersion: '1.0.0', platform: 'linux-x64' },
    settleMs: 20,
    pollMs,
    onFault: (message) => void faults.push(message),
    onChanges: (changes: readonly FolderChange[]) => {
      for (const change of changes) {
        const name = change.type === 'removed' ? change.name : change.reading.name;
        const of = change.type === 'removed' ? '' : ` ${change.reading.type}`;
        seen.push(`${change.type} ${name}${of}`);
      }
    },
  });
  return { loader, seen, faults };
}

describe('the loader', () => {
  test('makes the folder, reads what is there, and sees what comes, changes and goes', async () => {
    const folder = newFolder();
    await mkdir(folder);
    await writePlugin(folder, 'one-provider');
    const { loader, seen, faults } = await startLoader(folder);
    await using _ = loader;
    expect(seen).toEqual(['added one-provider plugin']);
    await writePlugin(folder, 'two-provider');
    await expect.poll(() => seen.at(-1), { timeout: 10_000 }).toBe('added two-provider plugin');
    await writeFile(join(folder, 'two-provider', 'config.json'), '{ "enabled": "yes" }');
    await expect.poll(() => seen.at(-1), { timeout: 10_000 }).toBe('changed two-provider faulty');
    await writeFile(join(folder, 'two-provider', 'config.json'), '{ "enabled": true }');
    await expect.poll(() => seen.at(-1), { timeout: 10_000 }).toBe('changed two-provider plugin');
    await rm(join(folder, 'one-provider'), { recursive: true });
    await expect.poll(() => seen.at(-1), { timeout: 10_000 }).toBe('removed one-provider');
    expect(seen.filter((one) => one.startsWith('added'))).toHaveLength(2);
    expect(faults).toEqual([]);
  });

  test('names what is wrong with each folder, and the rest is untouched', async () => {
    const folder = newFolder();
    await mkdir(join(folder, 'empty'), { recursive: true });
    await mkdir(join(folder, '.hidden'));
    await writeFile(join(folder, 'a-file'), '');
    await writePlugin(folder, 'good-provider');
    await writePlugin(folder, 'named-provider', { name: 'other-provider' });
    await writePlugin(folder, 'bare-provider', { entry: 'bin/missing.js' });
    const { loader, seen } = await startLoader(folder);
    await using _ = loader;
    const readings = await loader.scan();
    const words = readings.map(
      (one) =>
        `${one.name}: ${one.type === 'faulty' ? one.faults.map(({ field, message }) => `${field} ${message}`).join(' ') : 'good'}`,
    );
    expect(words.sort()).toEqual([
      'bare-provider: entry names bin/missing.js, which is not there. Build the plugin, or install it again.',
      'empty:  plugin.json is missing.',
      'good-provider: good',
      'named-provider: name is other-provider, but the folder is named-provider. Rename the folder to other-provider.',
    ]);
    expect(seen).toHaveLength(4);
  });

  test('tells nothing twice', async () => {
    const folder = newFolder();
    await mkdir(folder);
    await writePlugin(folder, 'one-provider');
    const { loader, seen } = await startLoader(folder);
    await using _ = loader;
    await Promise.all([loader.scan(), loader.scan(), loader.scan()]);
    expect(seen).toHaveLength(1);
  });
});

describe('files are verified', () => {
  async function plugin(): Promise<string> {
    const folder = newFolder();
    await writePlugin(folder, 'one-provider');
    return join(folder, 'one-provider');
  }
  const codes = async (
    folder: string,
    expected: Awaited<ReturnType<typeof verifyFiles>>['digests'],
    ignored?: string[],
  ) =>
    (await verifyFiles(folder, { expected, ...(ignored === undefined ? {} : { ignored }) })).faults.map(
      ({ path, code }) => `${path}: ${code}`,
    );

  test('as they were installed', async () => {
    const folder = await plugin();
    const { digests, faults } = await verifyFiles(folder);
    expect(faults).toEqual([]);
    expect(Object.keys(digests)).toEqual(['bin/backend.js', 'plugin.json']);
    expect(digests['bin/backend.js']).toMatch(/^[0-9a-f]{64}$/);
    expect(await codes(folder, digests)).toEqual([]);
  });

  test('one changed, one gone, one more', async () => {
    const folder = await plugin();
    const { digests } = await verifyFiles(folder);
    await writeFile(join(folder, 'bin', 'backend.js'), '//!');
    await writeFile(join(folder, 'config.json'), '{}');
    await writeFile(join(folder, 'more'), '');
    await rm(join(folder, 'plugin.json'));
    expect(await codes(folder, digests, ['config.json'])).toEqual([
      'bin/backend.js: changed',
      'more: unknown',
      'plugin.json: missing',
    ]);
  });

  test('a link of either kind is refused, also where its target is the very same bytes', async () => {
    const folder = await plugin();
    const { digests } = await verifyFiles(folder);
    const outside = join(home, 'outside');
    await writeFile(outside, '//');
    await rm(join(folder, 'bin', 'backend.js'));
    await symlink(outside, join(folder, 'bin', 'backend.js'));
    expect(await codes(folder, digests)).toEqual(['bin/backend.js: link']);
    await rm(join(folder, 'bin', 'backend.js'));
    await link(outside, join(folder, 'bin', 'backend.js'));
    expect(await codes(folder, digests)).toEqual(['bin/backend.js: link']);
    await rm(join(folder, 'bin'), { recursive: true });
    await symlink(home, join(folder, 'bin'));
    expect(await codes(folder, digests)).toEqual(['bin: link', 'bin/backend.js: missing']);
  });
});
