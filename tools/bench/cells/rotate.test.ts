import { expect, test } from 'vitest';
import { rotate } from './rotate.ts';

test('every item is first in turn, and none is lost', () => {
  expect([0, 1, 2, 3].map((by) => rotate(['a', 'b', 'c'], by).join(''))).toEqual(['abc', 'bca', 'cab', 'abc']);
  expect(rotate([], 3)).toEqual([]);
});
