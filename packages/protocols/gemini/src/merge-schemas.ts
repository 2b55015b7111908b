import type { JsonObject } from '@proxycast/spec';
import { isObject } from '@proxycast/wire';

// Deeper than any model takes; a schema made to nest without end must not.
const MAX_DEPTH = 32;

/** Two schemas that both hold as one: `allOf`, a reference with keywords beside it. What both say, the first says. */
export function mergeSchemas(first: JsonObject, second: JsonObject, depth = 0): JsonObject {
  if (depth > MAX_DEPTH) return first;
  const merged: Record<string, unknown> = { ...second, ...first };
  if (isObject(first.properties) && isObject(second.properties)) {
    merged.properties = mergeProperties(first.properties, second.properties, depth + 1);
  }
  if (Array.isArray(first.required) && Array.isArray(second.required)) {
    merged.required = [...new Set<unknown>([...first.required, ...second.required])];
  }
  if (Array.isArray(first.enum) && Array.isArray(second.enum)) {
    const { enum: values } = second;
    const both = first.enum.filter((value: unknown) => values.includes(value));
    if (both.length > 0) merged.enum = both;
  }
  const descriptions = [first.description, second.description].filter((text) => typeof text === 'string');
  if (descriptions.length > 1) merged.description = [...new Set(descriptions)].join('\n');
  return merged;
}

/** In the order of the first, then what only the second has. */
function mergeProperties(first: JsonObject, second: JsonObject, depth: number): JsonObject {
  const names = new Set([...Object.keys(first), ...Object.keys(second)]);
  return Object.fromEntries(
    [...names].map((name) => {
      const one = Object.hasOwn(first, name) ? first[name] : undefined;
      const other = Object.hasOwn(second, name) ? second[name] : undefined;
      return [name, isObject(one) && isObject(other) ? mergeSchemas(one, other, depth) : (one ?? other)];
    }),
  );
}
