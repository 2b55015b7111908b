import { expect, test } from 'vitest';
import { readPackedRows } from './packed-rows.ts';
import { RowPacker } from './row-packer.ts';
import type { SqlValue } from './sql-value.ts';

const IS_TEXT = [true, true, false];

const unpack = (packer: RowPacker): SqlValue[][] =>
  Array.from(readPackedRows(packer.pack(), IS_TEXT), (values) => [...values]);

test('rows come out as they went in, also when there are more than the first room holds', () => {
  const packer = new RowPacker(IS_TEXT.length);
  const rows = Array.from({ length: 2000 }, (_, n): SqlValue[] => [
    n % 3 === 0 ? `îd ${n}` : `id ${n}`,
    n % 2 === 0 ? 'even' : 'ödd',
    n - 0.5,
  ]);
  for (const [id, word, number] of rows) {
    packer.addText(String(id));
    packer.addWord(String(word));
    packer.addNumber(Number(number));
  }
  expect(packer.size).toBe(2000);
  expect(unpack(packer)).toEqual(rows);
  expect(packer.pack().words).toEqual(['even', 'ödd']);
});

test('null is in any column, an empty text is none, and a NUL is replaced', () => {
  const packer = new RowPacker(IS_TEXT.length);
  packer.addText('');
  packer.addNull();
  packer.addNull();
  packer.addText('id');
  packer.addWord('a\0b');
  packer.addNumber(0);
  expect(unpack(packer)).toEqual([
    ['', null, null],
    ['id', 'a\u{fffd}b', 0],
  ]);
});

test('a text that is half a pair of surrogates or too long does not break the others', () => {
  const packer = new RowPacker(IS_TEXT.length);
  packer.addText('\ud800');
  packer.addWord('a');
  packer.addNumber(1);
  expect(() => packer.addText('x'.repeat(400_000))).toThrow(RangeError);
  packer.addText('y'.repeat(300_000));
  packer.addWord('a');
  packer.addNumber(2);
  expect(unpack(packer)).toEqual([
    ['\u{fffd}', 'a', 1],
    ['y'.repeat(300_000), 'a', 2],
  ]);
});
