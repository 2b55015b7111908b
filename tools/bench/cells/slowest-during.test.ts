import { expect, test } from 'vitest';
import { slowestDuring } from './slowest-during.ts';

test('each span has the slowest of what overlaps it, by however little', () => {
  const others = [
    { fromUs: 0, toUs: 1001 },
    { fromUs: 1200, toUs: 1700 },
    { fromUs: 1900, toUs: 9000 },
  ];
  const spans = [
    { fromUs: 1000, toUs: 1500 },
    { fromUs: 1100, toUs: 1800 },
    { fromUs: 1600, toUs: 1950 },
    { fromUs: 9000, toUs: 9500 },
  ];
  expect(slowestDuring(spans, others)).toEqual([1.001, 0.5, 7.1, 0]);
});
