import type { PackedRows } from './packed-rows.ts';

/** Room for a batch as the ledger writes it; more rows make more room. */
const FIRST_ROOM_ROWS = 256;

/** Packs rows value by value, in the order of the columns. */
export class RowPacker {
  readonly #columns: number;
  #numbers: Float64Array;
  #at = 0;
  readonly #texts: string[] = [];
  /** Where the words stand that most rows share. */
  readonly #places = new Map<string, number>();

  constructor(columns: number) {
    this.#columns = columns;
    this.#numbers = new Float64Array(columns * FIRST_ROOM_ROWS);
  }

  /** Whole rows. */
  get size(): number {
    return Math.floor(this.#at / this.#columns);
  }

  /** Text that no other row has, as it is. */
  addText(text: string): void {
    this.addNumber(this.#texts.push(text) - 1);
  }

  /** Text that other rows are likely to have: kept once. */
  addWord(word: string): void {
    let place = this.#places.get(word);
    if (place === undefined) {
      // PostgreSQL takes no NUL, and one from a client would refuse the whole batch.
      place = this.#texts.push(word.includes('\0') ? word.replaceAll('\0', '\u{fffd}') : word) - 1;
      this.#places.set(word, place);
    }
    this.addNumber(place);
  }

  /** NaN is null. */
  addNumber(value: number): void {
    if (this.#at === this.#numbers.length) {
      const more = new Float64Array(this.#numbers.length * 2);
      more.set(this.#numbers);
      this.#numbers = more;
    }
    this.#numbers[this.#at++] = value;
  }

  addNull(): void {
    this.addNumber(Number.NaN);
  }

  /** What was added so far; the bytes are a copy. */
  pack(): PackedRows {
    return {
      size: this.size,
      columns: this.#columns,
      numbers: this.#numbers.slice(0, this.size * this.#columns),
      texts: this.#texts,
    };
  }
}
