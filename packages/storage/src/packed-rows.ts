import type { SqlValue } from './sql-value.ts';

/**
 * Rows of one table without an object for any of them: they cost little to keep, and reach another thread as a copy of
 * their bytes. Row after row, each column has one number. NaN is null; where the column is text, a number below zero is
 * the place of a word that rows share, counted from -1 downwards, and any other is a span of `bytes`.
 */
export interface PackedRows {
  readonly size: number;
  readonly columns: number;
  readonly numbers: Float64Array;
  readonly words: readonly string[];
  /** UTF-8. */
  readonly bytes: Uint8Array;
}

/** A span is one number: where it starts, times this, plus its length. */
const SPAN_UNIT = 2 ** 20;

export function toSpan(start: number, length: number): number {
  return start * SPAN_UNIT + length;
}

export const MAX_SPAN_BYTES = SPAN_UNIT - 1;

/** Answers rows one after the other, always in the same array. `isText` says of each column what its numbers mean. */
export function* readPackedRows(rows: PackedRows, isText: readonly boolean[]): Generator<SqlValue[]> {
  const { size, columns, numbers, words } = rows;
  const bytes = Buffer.from(rows.bytes.buffer, rows.bytes.byteOffset, rows.bytes.length);
  const values = new Array<SqlValue>(columns).fill(null);
  let at = 0;
  for (let row = 0; row < size; row++) {
    for (let column = 0; column < columns; column++) {
      const number = numbers[at++] ?? Number.NaN;
      if (Number.isNaN(number)) values[column] = null;
      else if (isText[column] !== true) values[column] = number;
      else if (number < 0) values[column] = words[-1 - number] ?? null;
      else {
        const start = Math.floor(number / SPAN_UNIT);
        values[column] = bytes.toString('utf8', start, start + (number % SPAN_UNIT));
      }
    }
    yield values;
  }
}
