import type { BlockId, ChatBlock, Signature, StreamEvent } from '@proxycast/spec';
import { blockEvents } from './block-events.ts';

/** The events that an answer is decoded to, and what it has held so far. */
export class AnswerEvents {
  hasCall = false;
  hasRefusal = false;
  readonly #origin: string;
  #events: StreamEvent[] = [];
  #nextBlock: BlockId = 0;

  constructor(origin: string) {
    this.#origin = origin;
  }

  push(event: StreamEvent): void {
    this.#events.push(event);
  }

  /** Those since the last time. */
  take(): readonly StreamEvent[] {
    const events = this.#events;
    this.#events = [];
    return events;
  }

  newBlock(): BlockId {
    return this.#nextBlock++;
  }

  /** A block that came whole. */
  pushBlock(content: ChatBlock): void {
    if (content.type === 'tool-call') this.hasCall = true;
    if (content.type === 'refusal') this.hasRefusal = true;
    for (const event of blockEvents(content, this.newBlock())) this.#events.push(event);
  }

  sign(value: string): Signature {
    return { origin: this.#origin, value };
  }
}
