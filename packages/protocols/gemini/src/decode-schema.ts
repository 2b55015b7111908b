import { isObject, type JsonObject } from '@proxycast/wire';

// Deeper than any model takes; a schema made to nest without end must not.
const MAX_DEPTH = 64;

/**
 * The dialect's schema as JSON Schema: its types are in capitals. Only where a schema stands is walked, since a property
 * may be called `type`.
 */
export function decodeSchema(schema: JsonObject, depth = 0): JsonObject {
  if (depth > MAX_DEPTH) return {};
  return Object.fromEntries(Object.entries(schema).map(([name, value]) => [name, decodeKeyword(name, value, depth)]));
}

function decodeKeyword(name: string, value: unknown, depth: number): unknown {
  if (name === 'type' && typeof value === 'string') return value.toLowerCase();
  if (name === 'items' && isObject(value)) return decodeSchema(value, depth + 1);
  if (name === 'properties' && isObject(value)) {
    return Object.fromEntries(
      Object.entries(value).map(([property, inner]) => [
        property,
        isObject(inner) ? decodeSchema(inner, depth + 1) : inner,
      ]),
    );
  }
  if ((name === 'anyOf' || name === 'any_of') && Array.isArray(value)) {
    return value.map((inner: unknown) => (isObject(inner) ? decodeSchema(inner, depth + 1) : inner));
  }
  return value;
}
