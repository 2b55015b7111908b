import type { JsonObject } from '@proxycast/spec';

/**
 * The fields of an object under the camel case of the documents; the API takes snake case too, and `null` as absent. One
 * level only: what a field holds may be data. The same object where nothing had to be done.
 */
export function fieldsOf(object: JsonObject): JsonObject {
  for (const name in object) {
    if (name.includes('_') || object[name] === null) return rename(object);
  }
  return object;
}

function rename(object: JsonObject): JsonObject {
  const entries = Object.entries(object).filter(([, value]) => value !== null);
  // Of two spellings of one field the documents' own counts, so it comes last.
  entries.sort(([first], [second]) => Number(!first.includes('_')) - Number(!second.includes('_')));
  return Object.fromEntries(entries.map(([name, value]) => [camelCase(name), value]));
}

const camelCase = (name: string): string =>
  name.replace(/_([a-z0-9])/g, (_match, letter: string) => letter.toUpperCase());

/** One value where a list is meant counts as a list of it, as in the API. */
export const listOf = (value: unknown): readonly unknown[] => (Array.isArray(value) ? value : [value]);

/** Absent where there is no field: extensions hold no empty objects. */
export function extensionOf(fields: JsonObject): JsonObject | undefined {
  for (const _name in fields) return fields;
  return undefined;
}
