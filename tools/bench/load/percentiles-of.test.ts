import { expect, test } from 'vitest';
import { percentilesOf } from './percentiles-of.ts';

test('percentiles are by nearest rank, so each is a value that was measured', () => {
  const values = Array.from({ length: 200 }, (_, at) => 200 - at);
  expect(percentilesOf(values)).toEqual({ p50: 100, p90: 180, p99: 198, max: 200 });
  expect(percentilesOf([7])).toEqual({ p50: 7, p90: 7, p99: 7, max: 7 });
});
