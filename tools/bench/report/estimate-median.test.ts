import { expect, test } from 'vitest';
import { estimateMedian } from './estimate-median.ts';

const countTo = (count: number): readonly number[] => Array.from({ length: count }, (_, at) => at + 1);

test.each([
  // The table of order statistics for the median: count, rank of the low end, coverage.
  [2, 1, 0.5],
  [5, 1, 0.9375],
  [6, 1, 0.96875],
  [8, 1, 0.9921875],
  [9, 2, 0.9609375],
  [12, 3, 0.961426],
  [16, 4, 0.978729],
  [20, 6, 0.958611],
])('of %i samples the interval begins at rank %i and holds the median in %f of runs', (count, rank, coverage) => {
  const estimate = estimateMedian(countTo(count));
  expect(estimate.low).toBe(rank);
  expect(estimate.high).toBe(count + 1 - rank);
  expect(estimate.coverage).toBeCloseTo(coverage, 5);
});

test('the order of the samples and one wild sample do not move the median', () => {
  expect(estimateMedian([3, 1, 1000, 2, 4]).value).toBe(3);
  expect(estimateMedian([4, 3, 2, 1]).value).toBe(2.5);
  expect(estimateMedian([10, 9, 100]).value).toBe(10);
});

test('one sample is its own median and promises nothing', () => {
  expect(estimateMedian([7])).toEqual({ value: 7, low: 7, high: 7, coverage: 0 });
});

test('no samples have no median', () => {
  expect(() => estimateMedian([])).toThrow(RangeError);
});
