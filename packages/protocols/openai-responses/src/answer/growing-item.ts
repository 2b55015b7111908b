import type { JsonObject } from '@proxycast/spec';
import type { AnswerEvents } from './answer-events.ts';

/** An item while it comes, under its `output_index`: ids of one item can differ from event to event. */
export abstract class GrowingItem {
  readonly index: number;
  readonly type: string;
  /** As it was added; empty where no event did. */
  readonly added: JsonObject;
  /** Whatever is said of it later comes too late. */
  isDone = false;
  protected readonly events: AnswerEvents;

  constructor(index: number, type: string, added: JsonObject, events: AnswerEvents) {
    this.index = index;
    this.type = type;
    this.added = added;
    this.events = events;
  }

  /** Whether a block of it has begun. */
  abstract readonly isSaid: boolean;
  /** Passes on what the finished item says and the events before did not. */
  abstract hydrate(item: JsonObject): void;
  /** Ends its blocks. `item` is the last that was said of it; `undefined` where the answer broke off. */
  abstract close(item: JsonObject | undefined): void;
}

/** What of the whole text has not been said; nothing where the two do not agree, since what was said stays. */
export function missingOf(said: string, whole: string): string {
  if (said === '') return whole;
  return whole.length > said.length && whole.startsWith(said) ? whole.slice(said.length) : '';
}
