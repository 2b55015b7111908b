import { expect, test } from 'vitest';
import { printable, printableLine } from './printable.ts';

test.each([
  ['plain, 漢字 é 👍🏽', 'plain, 漢字 é 👍🏽'],
  ['a\u001b[2Kb', 'a\ufffd[2Kb'],
  ['a\u009bb\u007f\u0000', 'a\ufffdb\ufffd\ufffd'],
  ['a\u202eb\u2066c', 'a\ufffdb\ufffdc'],
  ['one\r\ntwo\u2028three\tfour', 'one two three\tfour'],
])('%j is shown in one line as %j', (given, shown) => {
  expect(printableLine(given)).toBe(shown);
});

test('a message keeps its lines', () => {
  expect(printable('one\ntwo\u001b')).toBe('one\ntwo\ufffd');
});
