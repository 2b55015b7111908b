import { expect, test } from 'vitest';
import { renderArray } from './render-array.ts';

test.each([
  [[], '{}'],
  [[1, null, -2], '{1,NULL,-2}'],
  [
    ['', 'NULL', '{a,b}', 'say "no"', 'back\\slash', 'two\nlines'],
    '{"","NULL","{a,b}","say \\"no\\"","back\\\\slash","two\nlines"}',
  ],
])('%j becomes %s', (column, literal) => {
  expect(
    renderArray(
      column.map((value) => ['first', value]),
      1,
    ),
  ).toBe(literal);
});
