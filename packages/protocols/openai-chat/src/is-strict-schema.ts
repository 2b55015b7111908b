import { isObject, type JsonObject } from '@proxycast/wire';

/** Where a schema holds schemas: by name, in a list, or one alone. What is elsewhere is data. */
const BY_NAME = ['properties', '$defs', 'definitions'];
const IN_LIST = ['anyOf', 'oneOf', 'allOf', 'prefixItems'];

/**
 * Whether the API takes the schema in strict mode: every object closed, and all of its properties required. Other services
 * have strict modes that ask for less.
 */
export function isStrictSchema(schema: JsonObject): boolean {
  const { type, properties, additionalProperties, required, items } = schema;
  const isObjectSchema = type === 'object' || (Array.isArray(type) && type.includes('object')) || isObject(properties);
  if (isObjectSchema) {
    if (additionalProperties !== false) return false;
    const names = isObject(properties) ? Object.keys(properties) : [];
    const list: readonly unknown[] = Array.isArray(required) ? required : [];
    if (!names.every((name) => list.includes(name))) return false;
  }
  const inner = [
    items,
    ...BY_NAME.flatMap((word) => {
      const held = schema[word];
      return isObject(held) ? Object.values(held) : [];
    }),
    ...IN_LIST.flatMap((word): readonly unknown[] => {
      const held = schema[word];
      return Array.isArray(held) ? held : [];
    }),
  ];
  return inner.every((value) => !isObject(value) || isStrictSchema(value));
}
