import type { AnswerExcerpt, AnswerFraming } from '@proxycast/spec';

/** Enough for the first frame of every recorded stream. */
export const EXCERPT_HEAD_BYTES = 16 * 1024;
/** Enough for the last frames of every recorded stream and for the end of a whole answer, where usage stands. */
export const EXCERPT_TAIL_BYTES = 16 * 1024;

// A small chunk kept by reference takes some 500 bytes beside its own: with a thousand streams that is what fills the
// memory. So references are joined now and then; an answer of few chunks is never copied.
const MAX_REFERENCES = 32;

/** The bytes pushed so far, in as few pieces as is cheap. */
class Pieces {
  pieces: Buffer[] = [];
  bytes = 0;

  push(chunk: Buffer): void {
    this.pieces.push(chunk);
    this.bytes += chunk.length;
  }

  join(): Buffer {
    const joined = Buffer.concat(this.pieces, this.bytes);
    this.pieces = [joined];
    return joined;
  }

  /** Forgets all but the last bytes. */
  keepLast(bytes: number): void {
    const joined = this.join();
    if (joined.length <= bytes) return;
    // A copy: a view would keep the dropped bytes in memory.
    this.pieces = [Buffer.from(joined.subarray(joined.length - bytes))];
    this.bytes = bytes;
  }
}

/** Remembers the beginning and the end of an answer that passes. Nothing is decoded until the answer has ended. */
export class AnswerRecorder {
  readonly #head = new Pieces();
  readonly #tail = new Pieces();
  #totalBytes = 0;

  get totalBytes(): number {
    return this.#totalBytes;
  }

  push(chunk: Buffer): void {
    this.#totalBytes += chunk.length;
    if (this.#head.bytes < EXCERPT_HEAD_BYTES) {
      this.#head.push(chunk);
      if (this.#head.pieces.length > MAX_REFERENCES || this.#head.bytes >= EXCERPT_HEAD_BYTES) this.#head.join();
      return;
    }
    this.#tail.push(chunk);
    if (this.#tail.pieces.length > MAX_REFERENCES || this.#tail.bytes > 4 * EXCERPT_TAIL_BYTES) {
      this.#tail.keepLast(EXCERPT_TAIL_BYTES);
    }
  }

  excerpt(framing: AnswerFraming): AnswerExcerpt {
    const head = this.#head.join();
    if (this.#head.bytes + this.#tail.bytes === this.#totalBytes) {
      const text = Buffer.concat([head, this.#tail.join()]).toString('utf8');
      return { framing, head: text, tail: text, isWhole: true };
    }
    this.#tail.keepLast(EXCERPT_TAIL_BYTES);
    return { framing, head: head.toString('utf8'), tail: this.#tail.join().toString('utf8'), isWhole: false };
  }
}
