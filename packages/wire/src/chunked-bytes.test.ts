import { expect, test } from 'vitest';
import { ChunkedBytes } from './chunked-bytes.ts';

const TEXT = 'abcdefghij';
const cut = (...at: readonly number[]): ChunkedBytes =>
  new ChunkedBytes([0, ...at].map((start, index) => Buffer.from(TEXT.slice(start, at[index] ?? TEXT.length))));

test.each([[cut()], [cut(1)], [cut(3, 4, 9)], [cut(1, 2, 3, 4, 5, 6, 7, 8, 9)]])(
  'slices and splices however it is cut',
  (bytes) => {
    expect(bytes.length).toBe(10);
    expect(bytes.joined().toString()).toBe(TEXT);
    for (let start = 0; start <= 10; start++) {
      for (let end = start; end <= 10; end++) {
        expect(bytes.slice(start, end).toString()).toBe(TEXT.slice(start, end));
        const spliced = bytes.splice([{ start, end, bytes: Buffer.from('XY') }]);
        expect(spliced.joined().toString()).toBe(`${TEXT.slice(0, start)}XY${TEXT.slice(end)}`);
        expect(spliced.length).toBe(12 - (end - start));
      }
    }
  },
);

test('splices several ranges in any order, and refuses ranges that overlap', () => {
  const insert = (start: number, end: number, text: string) => ({ start, end, bytes: Buffer.from(text) });
  expect(
    cut(2, 5)
      .splice([insert(8, 9, '!'), insert(0, 0, '>'), insert(1, 3, '')])
      .joined()
      .toString(),
  ).toBe('>adefgh!j');
  expect(() => cut().splice([insert(0, 5, ''), insert(4, 6, '')])).toThrow(RangeError);
  expect(() => cut().splice([insert(9, 11, '')])).toThrow(RangeError);
});
