import type { SqlValue } from './sql-value.ts';

/**
 * Rows of one table without an object for any of them: they cost little to keep, and reach another thread as a copy of
 * their bytes. Row after row, each column has one number: its value, or for text its place in `texts`; NaN is null.
 */
export interface PackedRows {
  readonly size: number;
  readonly columns: number;
  readonly numbers: Float64Array;
  readonly texts: readonly string[];
}

/** Puts the values of one row into `into`. `isText` says it of each column. */
export function readPackedRow(
  { columns, numbers, texts }: PackedRows,
  row: number,
  isText: readonly boolean[],
  into: SqlValue[],
): void {
  const start = row * columns;
  for (let column = 0; column < columns; column++) {
    const number = numbers[start + column] ?? Number.NaN;
    if (Number.isNaN(number)) into[column] = null;
    else into[column] = isText[column] === true ? (texts[number] ?? null) : number;
  }
}
