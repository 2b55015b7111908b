import { isObject, isString, objectsOf } from '../json.ts';

/** Names of properties at any depth, in no order; references are followed, recursion ends at a depth. */
export function propertyNamesOf(schema: unknown): readonly string[] {
  const names = new Set<string>();
  const walk = (value: unknown, depth: number): void => {
    if (!isObject(value) || depth > 8) return;
    if (isString(value.$ref)) {
      walk(lookUp(schema, value.$ref), depth + 1);
    }
    if (isObject(value.properties)) {
      for (const [name, property] of Object.entries(value.properties)) {
        names.add(name);
        walk(property, depth + 1);
      }
    }
    walk(value.items, depth + 1);
    for (const word of ['anyOf', 'oneOf', 'allOf', 'prefixItems'])
      for (const branch of objectsOf(value[word])) walk(branch, depth + 1);
  };
  walk(schema, 0);
  return [...names].sort();
}

function lookUp(schema: unknown, reference: string): unknown {
  return reference
    .split('/')
    .slice(1)
    .reduce<unknown>(
      (place, key) => (isObject(place) ? place[key.replaceAll('~1', '/').replaceAll('~0', '~')] : undefined),
      schema,
    );
}
