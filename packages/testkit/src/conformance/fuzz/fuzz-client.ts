import type { JsonObject } from '../../json.ts';
import type { FuzzAsk, FuzzStep } from './fuzz-plan.ts';

/** A client of one dialect, written from protocols.md alone: what it sends is what its own service would take. */
export interface FuzzClient {
  /** Tool names that its service takes. */
  readonly names: readonly [string, ...string[]];
  ask(plan: FuzzAsk): JsonObject;
  /** The next request: the one before, the answer as it was given, and what the client says to it. */
  goOn(before: JsonObject, answer: JsonObject, step: FuzzStep): JsonObject;
}

/** The same values in another order, the same each time. */
export const turnedAround = <Value>(values: readonly Value[], isShuffled: boolean): readonly Value[] =>
  isShuffled ? values.toReversed() : values;

export const isBlank = (text: string): boolean => text.trim() === '';

export const LONG_NAME = `long_${'x'.repeat(59)}`;
