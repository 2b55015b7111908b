import { globSync, readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { expect, test } from 'vitest';

const ROOT = fileURLToPath(new URL('../../../../../', import.meta.url));
const BUG_COUNT = 95;

test('each of the 95 reported bugs has a named test', () => {
  const covered = new Set<number>();
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
