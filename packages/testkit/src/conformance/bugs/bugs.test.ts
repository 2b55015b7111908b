import { globSync, readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { expect, test } from 'vitest';

const ROOT = fileURLToPath(new URL('../../../../../', import.meta.url));
const BUG_COUNT = 95;

/** Bugs of protocols.md 11 that cannot occur here, or are no bug of a conversion, and why. */
const REASONS: Readonly<Record<number, string>> = {
  88: 'No count is estimated: it is the number of an upstream that counts, or a refusal that says so.',
};

test('each of the 95 reported bugs has a named test, or a reason', () => {
  const covered = new Set<number>(Object.keys(REASONS).map(Number));
  for (const path of globSync('{packages,apps,e2e}/**/*.test.ts', {
    cwd: ROOT,
    exclude: (name) => name.includes('node_modules'),
  })) {
    for (const [, number] of readFileSync(`${ROOT}${path}`, 'utf8').matchAll(/['"`]bugs? (\d+)\b/g))
      covered.add(Number(number));
  }
  const missing = Array.from({ length: BUG_COUNT }, (_, index) => index + 1).filter((number) => !covered.has(number));
  expect(missing).toEqual([]);
});

test('no reason stands for a bug that has a test of its own number', () => {
  for (const number of Object.keys(REASONS)) expect(REASONS[Number(number)]?.length).toBeGreaterThan(20);
});
