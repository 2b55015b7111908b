/** A range of bytes and what stands there instead. */
export interface Splice {
  readonly start: number;
  readonly end: number;
  readonly bytes: Buffer;
}

const EMPTY = Buffer.alloc(0);

/**
 * Bytes in the pieces they arrived in. A body of some megabytes is scanned, changed and sent on without ever being
 * copied into one.
 */
export class ChunkedBytes {
  readonly chunks: readonly Buffer[];
  readonly length: number;

  constructor(chunks: readonly Buffer[]) {
    this.chunks = chunks;
    let length = 0;
    for (const chunk of chunks) length += chunk.length;
    this.length = length;
  }

  /** All bytes in one piece; copies when there are several. */
  joined(): Buffer {
    if (this.chunks.length === 1) return this.chunks[0] ?? EMPTY;
    return Buffer.concat(this.chunks, this.length);
  }

  /** Copies when the range lies in several pieces. */
  slice(start: number, end: number): Buffer {
    const parts = this.#parts(start, end);
    return parts.length === 1 ? (parts[0] ?? EMPTY) : Buffer.concat(parts);
  }

  /** Replaces ranges that do not overlap; all other bytes are shared, not copied. */
  splice(splices: readonly Splice[]): ChunkedBytes {
    const parts: Buffer[] = [];
    let at = 0;
    for (const { start, end, bytes } of [...splices].sort((left, right) => left.start - right.start)) {
      if (start < at || end < start || end > this.length)
        throw new RangeError('Splices overlap, run backwards or past the end.');
      parts.push(...this.#parts(at, start));
      if (bytes.length > 0) parts.push(bytes);
      at = end;
    }
    parts.push(...this.#parts(at, this.length));
    return new ChunkedBytes(parts);
  }

  #parts(start: number, end: number): Buffer[] {
    const parts: Buffer[] = [];
    let chunkStart = 0;
    for (const chunk of this.chunks) {
      const chunkEnd = chunkStart + chunk.length;
      const from = Math.max(start, chunkStart);
      const to = Math.min(end, chunkEnd);
      if (from < to) parts.push(chunk.subarray(from - chunkStart, to - chunkStart));
      chunkStart = chunkEnd;
      if (chunkStart >= end) break;
    }
    return parts;
  }
}
