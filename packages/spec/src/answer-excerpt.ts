/** How the bytes of an answer are cut into units. */
export type AnswerFraming = 'whole' | 'sse' | 'json-array' | 'aws-event-stream';

/** The parts of an answer kept while it passed: its first bytes, its last bytes, decoded as UTF-8. */
export interface AnswerExcerpt {
  readonly framing: AnswerFraming;
  /** The whole answer when `isWhole`, else its first bytes. */
  readonly head: string;
  /** The last bytes; the same text as `head` when `isWhole`. */
  readonly tail: string;
  readonly isWhole: boolean;
}
