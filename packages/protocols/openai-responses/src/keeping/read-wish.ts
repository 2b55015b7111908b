import type { JsonObject, KeepingWish } from '@proxycast/spec';
import { isObject, textOf } from '@proxycast/wire';
import { invalidField } from '../request/invalid-field.ts';

const NO_REFERENCES: readonly string[] = [];

/** Throws InvalidRequestError for an id that is none. */
export function readWish(body: JsonObject): KeepingWish {
  const { previous_response_id: previous, store, background, input } = body;
  if (previous !== undefined && previous !== null && textOf(previous) === undefined) {
    throw invalidField('previous_response_id', "'previous_response_id' must be the id of a response.");
  }
  const previousId = textOf(previous);
  return {
    ...(previousId === undefined ? {} : { previousId }),
    references: Array.isArray(input) ? referencesIn(input) : NO_REFERENCES,
    isKept: store !== false,
    isBackground: background === true,
  };
}

function referencesIn(input: readonly unknown[]): readonly string[] {
  let references: string[] | undefined;
  for (const item of input) {
    const id = referenceOf(item);
    if (id === undefined) continue;
    references ??= [];
    references.push(id);
  }
  return references ?? NO_REFERENCES;
}

/** The type may be left out where nothing but the id is said. */
export function referenceOf(item: unknown): string | undefined {
  if (!isObject(item)) return undefined;
  const { type, role, id } = item;
  if (type !== 'item_reference' && (type !== undefined || role !== undefined)) return undefined;
  return textOf(id);
}
