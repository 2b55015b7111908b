import type { Extensions, JsonObject } from '@proxycast/spec';

/** Later fields over earlier ones, dialect by dialect, one level deep. */
export function mergeExtensions(before: Extensions | undefined, after: Extensions | undefined): Extensions | undefined {
  if (before === undefined) return after;
  if (after === undefined || after === before) return before;
  const merged: Record<string, JsonObject> = { ...before };
  for (const [dialect, fields] of Object.entries(after)) {
    const earlier = merged[dialect];
    merged[dialect] = earlier === undefined ? fields : { ...earlier, ...fields };
  }
  return merged;
}
