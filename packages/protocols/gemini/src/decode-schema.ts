import type { JsonObject } from '@proxycast/spec';
import { isObject } from '@proxycast/wire';
import { fieldsOf } from './field-names.ts';

// Deeper than any model takes; a schema made to nest without end must not.
const MAX_DEPTH = 64;

/** The numbers of the enumeration, which the API takes in place of the names. */
const TYPES_BY_NUMBER = ['', 'string', 'number', 'integer', 'boolean', 'array', 'object', 'null'];
/** Counts and bounds, which are 64-bit numbers to the API and so may come as text. */
const COUNTS = ['minItems', 'maxItems', 'minLength', 'maxLength', 'minProperties', 'maxProperties'];

/**
 * The dialect's schema as JSON Schema: types in small letters, `nullable` as a type, properties in the order it names. Only
 * where a schema stands is walked, since a property may be called `type`.
 */
export function decodeSchema(schema: JsonObject, depth = 0): JsonObject {
  if (depth > MAX_DEPTH) return {};
  const { type, nullable, properties, propertyOrdering, items, prefixItems, anyOf, example, format, ...rest } =
    fieldsOf(schema);
  const decoded: Record<string, unknown> = {};
  const name = typeName(type);
  const isNullable = nullable === true;
  if (name !== undefined) decoded.type = isNullable && name !== 'null' ? [name, 'null'] : name;
  for (const [keyword, value] of Object.entries(rest)) {
    decoded[keyword] = COUNTS.includes(keyword) && typeof value === 'string' ? Number(value) : value;
  }
  // In this dialect only a mark that there is a list of values.
  if (format !== undefined && format !== 'enum') decoded.format = format;
  if (isNullable && Array.isArray(decoded.enum)) decoded.enum = [...decoded.enum, null];
  if (isObject(properties)) decoded.properties = decodeProperties(properties, propertyOrdering, depth);
  if (isObject(items)) decoded.items = decodeSchema(items, depth + 1);
  if (Array.isArray(prefixItems)) decoded.prefixItems = decodeAll(prefixItems, depth);
  if (Array.isArray(anyOf)) {
    const branches = decodeAll(anyOf, depth);
    decoded.anyOf = isNullable && name === undefined ? [...branches, { type: 'null' }] : branches;
  }
  if (example !== undefined) decoded.examples = [example];
  return decoded;
}

function typeName(type: unknown): string | undefined {
  const name = typeof type === 'number' ? TYPES_BY_NUMBER[type] : typeof type === 'string' ? type.toLowerCase() : '';
  return name === undefined || name === '' || name === 'type_unspecified' ? undefined : name;
}

function decodeProperties(properties: JsonObject, ordering: unknown, depth: number): JsonObject {
  const first = Array.isArray(ordering) ? ordering.filter((name) => typeof name === 'string') : [];
  const names = new Set([...first.filter((name) => Object.hasOwn(properties, name)), ...Object.keys(properties)]);
  return Object.fromEntries(
    [...names].map((name) => {
      const property = properties[name];
      return [name, isObject(property) ? decodeSchema(property, depth + 1) : property];
    }),
  );
}

const decodeAll = (schemas: readonly unknown[], depth: number): readonly unknown[] =>
  schemas.map((schema) => (isObject(schema) ? decodeSchema(schema, depth + 1) : schema));
