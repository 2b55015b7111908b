import type { AnswerExcerpt, AnswerFraming } from '@proxycast/spec';

/** Enough for the first frame of every recorded stream. */
export const EXCERPT_HEAD_BYTES = 16 * 1024;
/** Enough for the last frames of every recorded stream and for the end of a whole answer, where usage stands. */
export const EXCERPT_TAIL_BYTES = 16 * 1024;

/**
 * Remembers the beginning and the end of an answer that passes, by reference: per chunk it costs an array push, and
 * nothing is decoded until the answer has ended.
 */
export class AnswerRecorder {
  readonly #head: Buffer[] = [];
  #headBytes = 0;
  #tail: Buffer[] = [];
  #tailBytes = 0;
  #totalBytes = 0;

  get totalBytes(): number {
    return this.#totalBytes;
  }

  push(chunk: Buffer): void {
    this.#totalBytes += chunk.length;
    if (this.#headBytes < EXCERPT_HEAD_BYTES) {
      this.#head.push(chunk);
      this.#headBytes += chunk.length;
      return;
    }
    this.#tail.push(chunk);
    this.#tailBytes += chunk.length;
    // Dropping in lumps keeps this a push on most calls.
    if (this.#tailBytes > 4 * EXCERPT_TAIL_BYTES) this.#trimTail();
  }

  excerpt(framing: AnswerFraming): AnswerExcerpt {
    const head = Buffer.concat(this.#head, this.#headBytes);
    if (this.#headBytes + this.#tailBytes === this.#totalBytes) {
      const text = Buffer.concat([head, ...this.#tail], this.#totalBytes).toString('utf8');
      return { framing, head: text, tail: text, isWhole: true };
    }
    this.#trimTail();
    const tail = Buffer.concat(this.#tail, this.#tailBytes);
    return { framing, head: head.toString('utf8'), tail: tail.toString('utf8'), isWhole: false };
  }

  #trimTail(): void {
    let drop = 0;
    let bytes = this.#tailBytes;
    while (drop < this.#tail.length - 1) {
      const first = this.#tail[drop];
      if (first === undefined || bytes - first.length < EXCERPT_TAIL_BYTES) break;
      bytes -= first.length;
      drop++;
    }
    if (drop === 0) return;
    this.#tail = this.#tail.slice(drop);
    this.#tailBytes = bytes;
  }
}
