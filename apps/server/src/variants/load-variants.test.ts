import { mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { loadPresets } from '../presets.ts';
import { BUNDLED_VARIANTS } from './bundled-variants.ts';
import { loadVariants } from './load-variants.ts';

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'proxycast-variants-'));
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

test('every file of presets/protocols is bundled, and leads to presets that are there, each at most once', () => {
  const files = readdirSync(new URL('../../../../presets/protocols/', import.meta.url)).filter((name) =>
    name.endsWith('.json'),
  );
  const { variants, faults } = loadVariants(BUNDLED_VARIANTS, folder);
  expect(faults).toEqual([]);
  expect(variants).toHaveLength(files.length);
  const vendors = variants.flatMap((variant) => variant.vendors);
  expect(vendors.filter((vendor) => !loadPresets().has(vendor))).toEqual([]);
  expect(new Set(vendors).size).toBe(vendors.length);
});

test('a file of one’s own adds a variant or takes the place of one; a faulty one is named and left out', () => {
  const bundled = [{ id: 'shipped', base: 'openai', vendors: ['a'], quirks: {} }];
  writeFileSync(join(folder, 'own.json'), JSON.stringify({ id: 'own', base: 'openai', vendors: ['b'], quirks: {} }));
  writeFileSync(
    join(folder, 'other.json'),
    JSON.stringify({ id: 'shipped', base: 'openai', vendors: ['c'], quirks: {} }),
  );
  writeFileSync(join(folder, 'broken.json'), '{');
  writeFileSync(join(folder, 'taken.json'), JSON.stringify({ id: 'gemini', base: 'openai', vendors: [], quirks: {} }));
  writeFileSync(join(folder, 'notes.txt'), 'not looked at');
  const { variants, faults } = loadVariants(bundled, folder);
  expect(variants.map(({ id, vendors }) => `${id} ${vendors.join()}`).sort()).toEqual(['own b', 'shipped c']);
  expect(faults.map(({ path }) => path)).toEqual([join(folder, 'broken.json'), join(folder, 'taken.json')]);
});
