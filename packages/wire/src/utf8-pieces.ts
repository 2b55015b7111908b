/** Text of UTF-8 that arrives in pieces. What is no UTF-8 becomes U+FFFD, the same wherever the pieces are cut. */
export interface Utf8Pieces {
  /** The text up to the last character that is whole. */
  push(chunk: Uint8Array): string;
  /** What is left of a character that did not end. */
  end(): string;
}

/** A character has at most four bytes, so at most three wait for the rest. */
const MOST_WAITING_BYTES = 3;

/** Not the streaming mode of TextDecoder, which takes several times as long for chunks of a usual size. */
export function createUtf8Pieces(): Utf8Pieces {
  let waiting: Buffer | undefined;
  return {
    push(chunk) {
      let bytes = asBuffer(chunk);
      if (waiting !== undefined) {
        bytes = Buffer.concat([waiting, bytes]);
        waiting = undefined;
      }
      const last = bytes[bytes.length - 1];
      if (last === undefined || last < 0x80) return bytes.toString('utf8');
      const whole = wholeLengthOf(bytes);
      if (whole < bytes.length) waiting = Buffer.from(bytes.subarray(whole));
      return bytes.toString('utf8', 0, whole);
    },
    end() {
      const text = waiting?.toString('utf8') ?? '';
      waiting = undefined;
      return text;
    },
  };
}

const asBuffer = (chunk: Uint8Array): Buffer =>
  Buffer.isBuffer(chunk) ? chunk : Buffer.from(chunk.buffer, chunk.byteOffset, chunk.byteLength);

/** How many bytes there are before a last character that lacks some. A cut before a first byte changes no character. */
function wholeLengthOf(bytes: Buffer): number {
  for (let back = 1; back <= MOST_WAITING_BYTES && back <= bytes.length; back++) {
    const byte = bytes[bytes.length - back] ?? 0;
    // 10xxxxxx goes on with a character; 0xxxxxxx is one.
    if (byte < 0x80) break;
    if (byte < 0xc0) continue;
    const length = byte >= 0xf0 ? 4 : byte >= 0xe0 ? 3 : 2;
    return length > back ? bytes.length - back : bytes.length;
  }
  return bytes.length;
}
