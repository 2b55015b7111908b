import type { JsonObject } from '@proxycast/spec';
import { isObject } from '@proxycast/wire';

/**
 * One more field that a frame says of an answer, over what frames before said. Objects are merged field by field, an empty
 * one takes nothing away; lists of tokens and of recited sources go on where the others are said anew.
 */
export function mergeCandidateFields(
  before: Record<string, unknown> | undefined,
  name: string,
  value: unknown,
): Record<string, unknown> {
  const fields = before ?? {};
  const earlier = fields[name];
  fields[name] = isObject(earlier) && isObject(value) ? mergeObjects(earlier, value) : value;
  return fields;
}

const GROWING: ReadonlySet<string> = new Set(['chosenCandidates', 'topCandidates', 'citations', 'citationSources']);

function mergeObjects(before: JsonObject, after: JsonObject): JsonObject {
  const merged: Record<string, unknown> = { ...before };
  for (const [name, value] of Object.entries(after)) {
    const earlier = merged[name];
    const isGrowing = GROWING.has(name) && Array.isArray(earlier) && Array.isArray(value);
    merged[name] = isGrowing ? [...earlier, ...value] : value;
  }
  return merged;
}
