import { isObject, type JsonObject } from '@proxycast/wire';

const NO_PROPERTIES: JsonObject = {};
const COMBINATIONS = ['anyOf', 'oneOf', 'allOf'];
/** References to references are followed this far: a circle has no object at its end. */
const MAX_REFERENCES = 8;

/**
 * The schema of a tool's input as the API takes it: an object at the top, without `anyOf`, `oneOf` or `allOf` there. The
 * same schema where it is one. What a combination says of properties is kept, that only one of its forms holds is not.
 */
export function fitInputSchema(schema: JsonObject): JsonObject {
  if (schema.type === 'object' && !COMBINATIONS.some((word) => word in schema)) return schema;
  const top = followReference(schema, schema, MAX_REFERENCES);
  const { anyOf, oneOf, allOf, ...rest } = top;
  const merged = [...listOf(allOf).map((form) => [form]), listOf(anyOf), listOf(oneOf)].reduce(
    (shape, forms) => addForms(shape, forms, schema),
    shapeOf(rest),
  );
  return {
    ...rest,
    type: 'object',
    properties: merged.properties,
    ...(merged.required.length === 0 ? {} : { required: merged.required }),
  };
}

interface ObjectShape {
  readonly properties: JsonObject;
  readonly required: readonly unknown[];
}

function shapeOf({ properties, required }: JsonObject): ObjectShape {
  return { properties: isObject(properties) ? properties : NO_PROPERTIES, required: listOf(required) };
}

/** Forms of which one holds: every property of any may be there, and must be only where all forms say so. */
function addForms(shape: ObjectShape, forms: readonly unknown[], root: JsonObject): ObjectShape {
  const shapes = forms
    .filter(isObject)
    .map((form) => followReference(form, root, MAX_REFERENCES))
    .filter(({ type, properties }) => type === 'object' || isObject(properties))
    .map((form) => (COMBINATIONS.some((word) => word in form) ? fitInputSchema(form) : form))
    .map(shapeOf);
  const [first, ...others] = shapes;
  if (first === undefined) return shape;
  const required = first.required.filter((name) => others.every((other) => other.required.includes(name)));
  return {
    properties: Object.assign({}, shape.properties, ...shapes.map(({ properties }) => properties)),
    required: [...new Set([...shape.required, ...required])],
  };
}

/** `{"$ref":"#/$defs/Input"}` at the top: what it names, beside what stands around it. */
function followReference(schema: JsonObject, root: JsonObject, left: number): JsonObject {
  const { $ref: reference, ...rest } = schema;
  if (typeof reference !== 'string' || !reference.startsWith('#/') || left === 0) return schema;
  let found: unknown = root;
  for (const step of reference.slice(2).split('/')) {
    found = isObject(found) ? found[step.replaceAll('~1', '/').replaceAll('~0', '~')] : undefined;
  }
  return isObject(found) ? followReference({ ...found, ...rest }, root, left - 1) : schema;
}

const listOf = (value: unknown): readonly unknown[] => (Array.isArray(value) ? value : []);
