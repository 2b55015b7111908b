import { expect, test } from 'vitest';
import { judgeBars } from './judge-bars.ts';
import { createMeasure } from './measure.ts';

const bars = [{ metric: 'cpu_ratio', limit: 1.7 }] as const;
const judge = (...samples: readonly number[]): boolean | undefined =>
  judgeBars({ cell: 'json-1k', bars, measures: [createMeasure('proxycast', 'cpu_ratio', samples)] }, 'proxycast')[0]
    ?.isMet;

test('a bar is met by a median at or under it, whatever single slices say', () => {
  expect(judge(1.7)).toBe(true);
  expect(judge(1.6, 1.6, 9)).toBe(true);
  expect(judge(1.71)).toBe(false);
  expect(judge(1, 1.8, 1.8)).toBe(false);
});

test('what was not measured is not met, also when another target was', () => {
  const measures = [createMeasure('nginx', 'cpu_ratio', [0.3])];
  expect(judgeBars({ cell: 'json-1k', bars, measures }, 'proxycast')).toEqual([
    { cell: 'json-1k', metric: 'cpu_ratio', limit: 1.7, isMet: false },
  ]);
});
