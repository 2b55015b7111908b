import type { JsonObject } from '@proxycast/spec';
import { isObject } from '@proxycast/wire';

const MAX_DEPTH = 64;

/** Whether strict mode takes the schema: every object is closed and requires all its properties. */
export function isStrictSchema(schema: unknown, depth = 0): boolean {
  if (!isObject(schema)) return schema === undefined;
  if (depth > MAX_DEPTH) return false;
  const { type, properties, required, additionalProperties } = schema;
  const isOfObjects = type === 'object' || (Array.isArray(type) && type.includes('object')) || properties !== undefined;
  if (isOfObjects) {
    if (additionalProperties !== false) return false;
    const names = isObject(properties) ? Object.keys(properties) : [];
    if (names.some((name) => !Array.isArray(required) || !required.includes(name))) return false;
  }
  if ('oneOf' in schema || 'allOf' in schema) return false;
  return innerSchemasOf(schema).every((inner) => isStrictSchema(inner, depth + 1));
}

function innerSchemasOf({ properties, items, anyOf, $defs, definitions }: JsonObject): readonly unknown[] {
  return [
    ...(isObject(properties) ? Object.values(properties) : []),
    ...(isObject(items) ? [items] : []),
    ...(Array.isArray(anyOf) ? anyOf : []),
    ...(isObject($defs) ? Object.values($defs) : []),
    ...(isObject(definitions) ? Object.values(definitions) : []),
  ];
}
