import { expect, test } from 'vitest';
import { nextRefreshAt, refreshRestMs } from './refresh-timing.ts';

const MINUTE = 60_000;

test.each([
  ['an hour', 60 * MINUTE, [50 * MINUTE, 55 * MINUTE]],
  ['eight hours', 480 * MINUTE, [470 * MINUTE, 475 * MINUTE]],
  ['ten minutes', 10 * MINUTE, [8 * MINUTE, 9 * MINUTE]],
  ['a minute', MINUTE, [30_000, 45_000]],
  ['ten seconds', 10_000, [5_000, 7_500]],
  ['nothing', 0, [0, 0]],
  ['less than nothing', -MINUTE, [-MINUTE, -MINUTE]],
])('a token that has %s left is renewed between two times', (_name, expiresAt, range) => {
  const at = (random: number) => nextRefreshAt({ seenAt: 0, expiresAt }, () => random);
  expect([at(0), at(1)]).toEqual(range);
});

test.each([
  [1, undefined, 10_000],
  [2, undefined, 20_000],
  [7, undefined, 640_000],
  [8, undefined, 900_000],
  [2_000, undefined, 900_000],
  [1, 0, 1_000],
  [1, 120_000, 120_000],
  [1, 1e12, 3_600_000],
])('after %d failures and when asked for %s ms it rests for %d ms and a fifth at most', (failures, asked, restMs) => {
  expect(refreshRestMs(failures, asked, () => 0)).toBe(restMs);
  expect(refreshRestMs(failures, asked, () => 1)).toBe(Math.round(restMs * 1.2));
});
