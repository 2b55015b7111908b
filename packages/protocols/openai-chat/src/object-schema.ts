import type { JsonObject } from '@proxycast/spec';
import { isObject } from '@proxycast/wire';

const CHOICES = ['anyOf', 'oneOf'] as const;
/** References to references are followed this far: a circle has no object at its end. */
const MAX_REFERENCES = 8;
/** Combinations inside combinations are opened this far. */
const MAX_DEPTH = 8;

/**
 * The schema of a tool's input as the API takes it: an object at the top, and there no reference and no combination of
 * schemas. The properties of all forms stand beside each other then, required are those that each form requires. The same
 * schema where it is one.
 */
export function objectSchemaOf(schema: JsonObject): JsonObject {
  const isPlain = !('allOf' in schema || '$ref' in schema || CHOICES.some((word) => word in schema));
  if (isPlain && schema.type === 'object' && isObject(schema.properties)) return schema;
  const { properties, required } = shapeOf(schema, schema, MAX_DEPTH);
  const { anyOf: _any, oneOf: _one, allOf: _all, required: _required, ...rest } = follow(schema, schema);
  return { ...rest, type: 'object', properties, ...(required.length === 0 ? {} : { required }) };
}

interface ObjectShape {
  readonly properties: JsonObject;
  readonly required: readonly unknown[];
}

const NOTHING: ObjectShape = { properties: {}, required: [] };

function shapeOf(schema: JsonObject, root: JsonObject, depth: number): ObjectShape {
  if (depth === 0) return NOTHING;
  const held = follow(schema, root);
  const shapes = (list: unknown) =>
    listOf(list)
      .filter(isObject)
      .map((form) => shapeOf(form, root, depth - 1));
  const parts = [
    ...shapes(held.allOf),
    ...CHOICES.map((word) => anyOf(shapes(held[word]))),
    { properties: isObject(held.properties) ? held.properties : {}, required: listOf(held.required) },
  ];
  return {
    properties: Object.assign({}, ...parts.map(({ properties }) => properties)),
    required: [...new Set(parts.flatMap(({ required }) => required))],
  };
}

function anyOf(forms: readonly ObjectShape[]): ObjectShape {
  const [first, ...others] = forms;
  if (first === undefined) return NOTHING;
  return {
    properties: Object.assign({}, ...forms.map(({ properties }) => properties)),
    required: first.required.filter((name) => others.every((other) => other.required.includes(name))),
  };
}

/** `{"$ref":"#/$defs/Input"}`: what it names, beside what stands around it. */
function follow(schema: JsonObject, root: JsonObject, left = MAX_REFERENCES): JsonObject {
  const { $ref: reference, ...rest } = schema;
  if (reference === undefined) return schema;
  if (typeof reference !== 'string' || !reference.startsWith('#/') || left === 0) return rest;
  let found: unknown = root;
  for (const step of reference.slice(2).split('/')) {
    found = isObject(found) ? found[step.replaceAll('~1', '/').replaceAll('~0', '~')] : undefined;
  }
  return isObject(found) ? follow({ ...found, ...rest }, root, left - 1) : rest;
}

const listOf = (value: unknown): readonly unknown[] => (Array.isArray(value) ? value : []);
