import type { AnswerFraming } from '@proxycast/spec';

/** A longer answer passes all the same, and is not kept. */
const MAX_KEPT_BYTES = 16 * 1024 * 1024;

/** All bytes of an answer that passes, for one that is to be kept. They are held by reference until it has ended. */
export class PassedAnswer {
  framing: AnswerFraming = 'whole';
  readonly #finalWords: readonly Buffer[];
  readonly #onFinal: (passed: PassedAnswer) => void;
  #chunks: Buffer[] = [];
  #bytes = 0;

  /** `onFinal` is called when frames of a stream that were pushed hold one of the words. */
  constructor(finalWords: readonly string[], onFinal: (passed: PassedAnswer) => void) {
    this.#finalWords = finalWords.map((word) => Buffer.from(word));
    this.#onFinal = onFinal;
  }

  /** Whole frames, before they leave. */
  push(bytes: Buffer): void {
    this.#bytes += bytes.length;
    if (this.#bytes > MAX_KEPT_BYTES) {
      this.#chunks = [];
      return;
    }
    this.#chunks.push(bytes);
    if (this.framing !== 'whole' && this.#finalWords.some((word) => bytes.includes(word))) this.#onFinal(this);
  }

  /** `undefined`: it was too long, or nothing came. */
  text(): string | undefined {
    if (this.#bytes === 0 || this.#bytes > MAX_KEPT_BYTES) return undefined;
    return Buffer.concat(this.#chunks, this.#bytes).toString('utf8');
  }
}
