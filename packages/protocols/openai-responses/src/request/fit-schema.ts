import type { JsonObject } from '@proxycast/spec';
import { isObject } from '@proxycast/wire';

const EMPTY: JsonObject = { type: 'object', properties: {} };
const BRANCHES = ['anyOf', 'oneOf', 'allOf'] as const;
/** Refused at the top of a function's schema; the same words are fine below. */
const NOT_AT_TOP: ReadonlySet<string> = new Set([...BRANCHES, 'enum', 'not']);
const MAX_DEPTH = 64;

export interface FittedSchema {
  readonly schema: JsonObject;
  /** Whether inputs are told apart less well than the client asked. */
  readonly isWeaker: boolean;
}

/**
 * A function's schema as the API takes it also without strict mode: an object at the top, without alternatives there, and
 * items for each array. Properties of alternatives become optional properties. The same object where all was so.
 */
export function fitSchema(schema: JsonObject): FittedSchema {
  if (Object.keys(schema).length === 0) return { schema: EMPTY, isWeaker: false };
  const hasAlternatives = Object.keys(schema).some((word) => NOT_AT_TOP.has(word));
  const top = hasAlternatives ? withoutAlternatives(schema) : schema;
  const isWhole = top['type'] === 'object' && isObject(top['properties']);
  const whole = isWhole
    ? top
    : { ...top, type: 'object', properties: isObject(top['properties']) ? top['properties'] : {} };
  return { schema: withItems(whole, 0), isWeaker: hasAlternatives };
}

function withoutAlternatives(schema: JsonObject): JsonObject {
  const properties: Record<string, unknown> = {};
  for (const word of BRANCHES) {
    const branches = schema[word];
    if (!Array.isArray(branches)) continue;
    for (const branch of branches) {
      if (isObject(branch) && isObject(branch['properties'])) Object.assign(properties, branch['properties']);
    }
  }
  const own = isObject(schema['properties']) ? schema['properties'] : {};
  const kept = Object.entries(schema).filter(([word]) => !NOT_AT_TOP.has(word));
  return { ...Object.fromEntries(kept), type: 'object', properties: { ...properties, ...own } };
}

/** Looks at places of schemas only: a property that is called like a keyword is a property. */
function withItems(schema: JsonObject, depth: number): JsonObject {
  if (depth > MAX_DEPTH) return schema;
  const { type } = schema;
  const isOfArrays = type === 'array' || (Array.isArray(type) && type.includes('array'));
  let fitted =
    isOfArrays && schema['items'] === undefined && schema['prefixItems'] === undefined
      ? { ...schema, items: {} }
      : schema;
  for (const word of ['properties', '$defs', 'definitions']) {
    const named = schema[word];
    if (!isObject(named)) continue;
    const changed = Object.entries(named).map(([name, inner]) => [name, fitInner(inner, depth)] as const);
    if (changed.some(([name, inner]) => inner !== named[name]))
      fitted = { ...fitted, [word]: Object.fromEntries(changed) };
  }
  for (const word of BRANCHES) {
    const branches = schema[word];
    if (!Array.isArray(branches)) continue;
    const changed = branches.map((inner: unknown) => fitInner(inner, depth));
    if (changed.some((inner, index) => inner !== branches[index])) fitted = { ...fitted, [word]: changed };
  }
  const items = fitInner(schema['items'], depth);
  return items === schema['items'] ? fitted : { ...fitted, items };
}

const fitInner = (inner: unknown, depth: number): unknown => (isObject(inner) ? withItems(inner, depth + 1) : inner);
