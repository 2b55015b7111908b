import { isObject, type JsonObject } from '@proxycast/wire';

/** Where a schema holds schemas by name, in a list, or one alone. What is elsewhere is data: `const`, `enum`, `default`. */
const BY_NAME = new Set(['properties', '$defs', 'definitions', 'patternProperties', 'dependentSchemas']);
const IN_LIST = new Set(['anyOf', 'oneOf', 'allOf', 'prefixItems']);
const ALONE = new Set(['items', 'additionalItems', 'contains', 'not', 'if', 'then', 'else']);

/**
 * The schema with `additionalProperties: false` on every object, which the API demands of a format for answers. The same
 * schema where it is so.
 */
export function closeSchema(schema: JsonObject): JsonObject {
  let closed: Record<string, unknown> | undefined;
  for (const name in schema) {
    const value = schema[name];
    const inner = closeInside(name, value);
    if (inner === value) continue;
    closed ??= { ...schema };
    closed[name] = inner;
  }
  if (isObjectSchema(schema) && schema.additionalProperties !== false) {
    closed ??= { ...schema };
    closed.additionalProperties = false;
  }
  return closed ?? schema;
}

function isObjectSchema({ type, properties }: JsonObject): boolean {
  return (
    type === 'object' ||
    (Array.isArray(type) && type.includes('object')) ||
    (type === undefined && isObject(properties))
  );
}

function closeInside(name: string, value: unknown): unknown {
  if (ALONE.has(name) && isObject(value)) return closeSchema(value);
  if ((IN_LIST.has(name) || name === 'items') && Array.isArray(value)) {
    const closed = value.map((item: unknown) => (isObject(item) ? closeSchema(item) : item));
    return closed.some((item, index) => item !== value[index]) ? closed : value;
  }
  if (!BY_NAME.has(name) || !isObject(value)) return value;
  let closed: Record<string, unknown> | undefined;
  for (const property in value) {
    const schema = value[property];
    if (!isObject(schema)) continue;
    const inner = closeSchema(schema);
    if (inner === schema) continue;
    closed ??= { ...value };
    closed[property] = inner;
  }
  return closed ?? value;
}
