import type { JsonObject } from '@proxycast/spec';

/** The fields that say something: in this dialect `null` is the same as a missing field. The same object where all do. */
export function withoutNulls(fields: JsonObject): JsonObject {
  for (const name in fields) {
    if (fields[name] !== null && fields[name] !== undefined) continue;
    return Object.fromEntries(Object.entries(fields).filter(([, value]) => value !== null && value !== undefined));
  }
  return fields;
}
