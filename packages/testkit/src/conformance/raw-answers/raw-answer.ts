import { isObject, type JsonObject, parseJson } from '../../json.ts';
import type { AnswerFacts } from '../answer-facts.ts';

export interface RawFrame {
  readonly event?: string;
  readonly data: string;
}

/** A reading of one dialect from protocols.md alone, as plain as an SDK's: what our codecs are held against. */
export interface RawAnswerReader {
  /** One body from the frames of a stream, as an SDK accumulates it. Throws for a stream an SDK would throw on. */
  fold(frames: readonly RawFrame[]): JsonObject;
  read(body: JsonObject): AnswerFacts;
}

/** The JSON objects of a stream's frames, with the name of their event. */
export function objectsIn(
  frames: readonly RawFrame[],
): readonly { readonly event?: string; readonly value: JsonObject }[] {
  return frames.flatMap(({ event, data }) => {
    const value = parseJson(data);
    return isObject(value) ? [{ value, ...(event === undefined ? {} : { event }) }] : [];
  });
}

export class RawStreamFault extends Error {}

export function countOf(value: unknown): number | undefined {
  return typeof value === 'number' ? value : undefined;
}

/** Without the properties that are `undefined`. */
export function defined<Value extends object>(
  value: { readonly [Key in keyof Value]: Value[Key] | undefined },
): Partial<Value> {
  const entries = Object.entries(value).filter(([, entry]) => entry !== undefined);
  const result: Partial<Value> = {};
  Object.assign(result, Object.fromEntries(entries));
  return result;
}

export const distinct = (values: readonly unknown[]): readonly string[] => [
  ...new Set(values.filter((value) => typeof value === 'string')),
];

export function sumOf(...counts: readonly (number | undefined)[]): number | undefined {
  const known = counts.filter((count) => count !== undefined);
  return known.length === 0 ? undefined : known.reduce((total, count) => total + count, 0);
}
