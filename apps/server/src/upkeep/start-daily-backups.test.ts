import { expect, test } from 'vitest';
import { backUpWhenDue } from './start-daily-backups.ts';

const HOUR_MS = 60 * 60 * 1000;
const NOW = Date.UTC(2026, 10, 25);

function setUp(agesMs: readonly number[], changes: Partial<Parameters<typeof backUpWhenDue>[0]> = {}) {
  const steps: string[] = [];
  const run = () =>
    backUpWhenDue({
      backup: async () => {
        steps.push('backup');
        return { type: 'file', path: '/b/new.db' };
      },
      check: async (path) => {
        steps.push(`check ${path}`);
        return { bytes: 1 };
      },
      list: async () => agesMs.map((ageMs) => ({ name: 'b', path: '/b/b.db', writtenAt: NOW - ageMs })),
      prune: async () => {
        steps.push('prune');
        return [];
      },
      now: () => NOW,
      log: { info: () => undefined, warn: () => undefined },
      ...changes,
    });
  return { run, steps };
}

test.each([
  ['there is none', [], true],
  ['the newest is of yesterday', [25 * HOUR_MS, 60 * HOUR_MS], true],
  ['the newest is of today', [2 * HOUR_MS], false],
  ['the newest is from the future', [-48 * HOUR_MS], true],
])('when %s, a backup is due: %3$s', async (_name, ages, isDue) => {
  const { run, steps } = setUp(ages);
  expect(await run()).toBe(isDue);
  expect(steps).toEqual(isDue ? ['backup', 'check /b/new.db', 'prune'] : []);
});

test('a backup that cannot be opened is a failure, and no older one is removed', async () => {
  const { run, steps } = setUp([], {
    check: async () => {
      throw new Error('damaged');
    },
  });
  await expect(run()).rejects.toThrow('damaged');
  expect(steps).toEqual(['backup']);
});
