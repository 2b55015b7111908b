import { expect, test } from 'vitest';
import { readPackedRow } from './packed-rows.ts';
import { RowPacker } from './row-packer.ts';
import type { SqlValue } from './sql-value.ts';

const IS_TEXT = [true, true, false];

function unpack(packer: RowPacker): SqlValue[][] {
  const packed = packer.pack();
  return Array.from({ length: packed.size }, (_, row) => {
    const values: SqlValue[] = [];
    readPackedRow(packed, row, IS_TEXT, values);
    return values;
  });
}

test('rows come out as they went in, also when there are more than the first room holds', () => {
  const packer = new RowPacker(IS_TEXT.length);
  const rows = Array.from({ length: 1000 }, (_, n): SqlValue[] => [`id ${n}`, n % 2 === 0 ? 'even' : 'ödd', n - 0.5]);
  for (const [id, word, number] of rows) {
    packer.addText(String(id));
    packer.addWord(String(word));
    packer.addNumber(Number(number));
  }
  expect(packer.size).toBe(1000);
  expect(unpack(packer)).toEqual(rows);
  expect(packer.pack().texts).toHaveLength(1002);
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
