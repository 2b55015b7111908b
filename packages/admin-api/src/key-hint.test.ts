import { expect, test } from 'vitest';
import { keyHint } from './key-hint.ts';

test.each([
  ['', ''],
  ['abc', ''],
  ['abcd', 'd'],
  ['abcdefgh', 'gh'],
  ['abcdefghijklmnop', 'mnop'],
  ['sk-0123456789abcdef0123456789abcdef', 'cdef'],
])('the hint of %j is %j', (key, hint) => {
  expect(keyHint(key)).toBe(hint);
});
