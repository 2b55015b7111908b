import type { AnswerExcerpt, AnswerFraming } from '@proxycast/spec';

/** A longer first piece is cut: what is read from the beginning of an answer stands in its first frame. */
export const EXCERPT_HEAD_BYTES = 16 * 1024;
/** Past this the beginning is over. A ping or a comment may come before the first frame that says something. */
const HEAD_ENOUGH_BYTES = 2 * 1024;
/** Enough for the last frames of every recorded stream and for the end of a whole answer, where usage stands. */
export const EXCERPT_TAIL_BYTES = 16 * 1024;

const EMPTY = Buffer.alloc(0);

/**
 * Remembers the beginning and the end of an answer that passes, in a fixed amount of memory: with a thousand streams at
 * once, chunks kept by reference are what fills it. Nothing is decoded until the answer has ended.
 */
export class AnswerRecorder {
  #head = EMPTY;
  /** The last bytes, written round and round; `#tailAt` is where the next one goes. */
  #tail = EMPTY;
  #tailAt = 0;
  #tailTotal = 0;
  #totalBytes = 0;

  get totalBytes(): number {
    return this.#totalBytes;
  }

  push(chunk: Buffer): void {
    this.#totalBytes += chunk.length;
    if (this.#head.length >= HEAD_ENOUGH_BYTES) {
      this.#pushTail(chunk);
      return;
    }
    const room = EXCERPT_HEAD_BYTES - this.#head.length;
    // A copy: a view would keep the whole network read it is part of.
    this.#head = Buffer.concat([this.#head, chunk.subarray(0, room)]);
    if (chunk.length > room) this.#pushTail(chunk.subarray(room));
  }

  excerpt(framing: AnswerFraming): AnswerExcerpt {
    const tail = this.#joinTail();
    if (this.#tailTotal === tail.length) {
      const text = Buffer.concat([this.#head, tail]).toString('utf8');
      return { framing, head: text, tail: text, isWhole: true };
    }
    return { framing, head: this.#head.toString('utf8'), tail: tail.toString('utf8'), isWhole: false };
  }

  #pushTail(chunk: Buffer): void {
    this.#tailTotal += chunk.length;
    // Not cleared: what was not written is never read, and pages that are never touched cost nothing.
    if (this.#tail.length === 0) this.#tail = Buffer.allocUnsafeSlow(EXCERPT_TAIL_BYTES);
    const last = chunk.length > EXCERPT_TAIL_BYTES ? chunk.subarray(chunk.length - EXCERPT_TAIL_BYTES) : chunk;
    const beforeWrap = Math.min(last.length, EXCERPT_TAIL_BYTES - this.#tailAt);
    last.copy(this.#tail, this.#tailAt, 0, beforeWrap);
    if (beforeWrap < last.length) last.copy(this.#tail, 0, beforeWrap);
    this.#tailAt = (this.#tailAt + last.length) % EXCERPT_TAIL_BYTES;
  }

  #joinTail(): Buffer {
    if (this.#tailTotal < EXCERPT_TAIL_BYTES) return this.#tail.subarray(0, this.#tailTotal);
    return Buffer.concat([this.#tail.subarray(this.#tailAt), this.#tail.subarray(0, this.#tailAt)]);
  }
}
