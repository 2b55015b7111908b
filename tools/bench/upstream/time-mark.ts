// The time at which the fake upstream wrote a chunk, inside the text of that chunk, where a conversion leaves it alone.

const DIGITS = 15;
/** As it is before it is stamped. */
export const EMPTY_MARK = `@${'0'.repeat(DIGITS)}`;
const AT_SIGN = 0x40;
const ZERO = 0x30;

/** A copy of `frame` whose mark tells `atUs`, of the clock of `monotonicUs`; the same bytes when it has no mark. */
export function stampTime(frame: Buffer, atUs: number): Buffer {
  const at = frame.indexOf(EMPTY_MARK);
  if (at < 0) return frame;
  const stamped = Buffer.from(frame);
  stamped.write(`@${String(atUs).padStart(DIGITS, '0')}`, at, 'latin1');
  return stamped;
}

/** Reads the marks of one body, wherever it is cut. */
export interface TimeMarkReader {
  /** The times of the marks that are whole now and were not before. */
  readonly push: (piece: Buffer) => readonly number[];
}

export function createTimeMarkReader(): TimeMarkReader {
  let rest: Buffer = Buffer.alloc(0);
  return {
    push(piece) {
      const bytes = rest.length === 0 ? piece : Buffer.concat([rest, piece]);
      const times: number[] = [];
      let at = bytes.indexOf(AT_SIGN);
      while (at >= 0 && at + DIGITS < bytes.length) {
        times.push(readDigits(bytes, at + 1));
        at = bytes.indexOf(AT_SIGN, at + 1 + DIGITS);
      }
      rest = at < 0 ? Buffer.alloc(0) : Buffer.from(bytes.subarray(at));
      return times;
    },
  };
}

function readDigits(bytes: Buffer, from: number): number {
  let value = 0;
  for (let at = from; at < from + DIGITS; at += 1) {
    const digit = (bytes[at] ?? 0) - ZERO;
    if (digit < 0 || digit > 9) throw new Error('a chunk came with a broken time mark');
    value = value * 10 + digit;
  }
  return value;
}
