import type { Extensions, JsonObject } from '@proxycast/spec';

/** The base id of this dialect, under which it keeps what only it knows. */
export const DIALECT = 'responses';

export function ownFields(extensions: Extensions | undefined): JsonObject | undefined {
  return extensions?.[DIALECT];
}

/** What the object says beyond the known fields; `undefined` when that is nothing. */
export function restOf(object: JsonObject, known: ReadonlySet<string>): JsonObject | undefined {
  let rest: Record<string, unknown> | undefined;
  for (const name of Object.keys(object)) {
    if (known.has(name)) continue;
    rest ??= {};
    rest[name] = object[name];
  }
  return rest;
}
