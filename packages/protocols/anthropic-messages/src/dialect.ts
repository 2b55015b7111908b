import type { Extensions } from '@proxycast/spec';
import { isObject, type JsonObject } from '@proxycast/wire';

/** The base id of the dialect: the key of its extensions, the origin of what its clients send as their own. */
export const DIALECT = 'anthropic';

const NONE: JsonObject = {};

/** What only this dialect says of a thing; empty where it says nothing. */
export function ownFields(extensions: Extensions | undefined): JsonObject {
  return extensions?.[DIALECT] ?? NONE;
}

/** One field of those, where it is an object; empty otherwise. */
export function ownObject(extensions: Extensions | undefined, field: string): JsonObject {
  const value = ownFields(extensions)[field];
  return isObject(value) ? value : NONE;
}

/** Fields as extensions; nothing where there are none. */
export function asExtensions(fields: JsonObject): { readonly extensions?: Extensions } {
  for (const _ in fields) return { extensions: { [DIALECT]: fields } };
  return NONE;
}

/** The fields of an object whose names are not among the known ones. */
export function fieldsBeside(object: JsonObject, known: ReadonlySet<string>): JsonObject {
  let rest: Record<string, unknown> | undefined;
  for (const name in object) {
    if (known.has(name)) continue;
    rest ??= {};
    rest[name] = object[name];
  }
  return rest ?? NONE;
}
