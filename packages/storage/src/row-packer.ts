import { MAX_SPAN_BYTES, type PackedRows, toSpan } from './packed-rows.ts';

/** Little, for a quiet time; room doubles as it is needed. */
const FIRST_ROOM_ROWS = 64;
const FIRST_ROOM_BYTES = 4 * 1024;
/** Of a UTF-16 unit as UTF-8. */
const MAX_UNIT_BYTES = 3;
const MAX_ASCII = 0x7f;
const MAX_LOOPED_UNITS = 64;

/** Packs rows value by value, in the order of the columns. */
export class RowPacker {
  readonly #columns: number;
  #numbers: Float64Array;
  #at = 0;
  #bytes = Buffer.allocUnsafeSlow(FIRST_ROOM_BYTES);
  #bytesAt = 0;
  readonly #words: string[] = [];
  readonly #numberOfWord = new Map<string, number>();

  constructor(columns: number) {
    this.#columns = columns;
    this.#numbers = new Float64Array(columns * FIRST_ROOM_ROWS);
  }

  /** Whole rows. */
  get size(): number {
    return Math.floor(this.#at / this.#columns);
  }

  /** Text that no other row has, as it is. Nothing of it stays on the heap. Throws RangeError over a third of a megabyte. */
  addText(text: string): void {
    const room = text.length * MAX_UNIT_BYTES;
    if (room > MAX_SPAN_BYTES) throw new RangeError('The text is too long for a packed row.');
    if (this.#bytesAt + room > this.#bytes.length) {
      const more = Buffer.allocUnsafeSlow(this.#bytes.length * 2 + room);
      this.#bytes.copy(more);
      this.#bytes = more;
    }
    const length = this.#writeAscii(text) ? text.length : this.#bytes.write(text, this.#bytesAt);
    this.addNumber(toSpan(this.#bytesAt, length));
    this.#bytesAt += length;
  }

  /** Ids are short and ASCII: a loop here costs a fifth of a call into Node. Answers whether the text is such a one. */
  #writeAscii(text: string): boolean {
    if (text.length > MAX_LOOPED_UNITS) return false;
    for (let at = 0; at < text.length; at++) {
      const unit = text.charCodeAt(at);
      if (unit > MAX_ASCII) return false;
      this.#bytes[this.#bytesAt + at] = unit;
    }
    return true;
  }

  /** Text that other rows are likely to have: kept once. */
  addWord(word: string): void {
    let number = this.#numberOfWord.get(word);
    if (number === undefined) {
      // PostgreSQL takes no NUL, and one from a client would refuse the whole batch.
      number = -this.#words.push(word.includes('\0') ? word.replaceAll('\0', '\u{fffd}') : word);
      this.#numberOfWord.set(word, number);
    }
    this.addNumber(number);
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

  /** What was added so far; numbers and bytes are copies. */
  pack(): PackedRows {
    return {
      size: this.size,
      columns: this.#columns,
      numbers: this.#numbers.slice(0, this.size * this.#columns),
      words: this.#words,
      bytes: new Uint8Array(this.#bytes.subarray(0, this.#bytesAt)),
    };
  }
}
