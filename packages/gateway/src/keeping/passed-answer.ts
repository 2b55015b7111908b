import type { AnswerFraming } from '@proxycast/spec';

/** A longer answer passes all the same, and is not kept. */
const MAX_KEPT_BYTES = 16 * 1024 * 1024;

/** All bytes of an answer that passes, for one that is to be kept. They are held by reference until it has ended. */
export class PassedAnswer {
  framing: AnswerFraming = 'whole';
  #chunks: Buffer[] = [];
  #bytes = 0;

  push(bytes: Buffer): void {
    this.#bytes += bytes.length;
    if (this.#bytes <= MAX_KEPT_BYTES) this.#chunks.push(bytes);
    else this.#chunks = [];
  }

  /** `undefined`: it was too long, or nothing came. */
  text(): string | undefined {
    if (this.#bytes === 0 || this.#bytes > MAX_KEPT_BYTES) return undefined;
    return Buffer.concat(this.#chunks, this.#bytes).toString('utf8');
  }
}
