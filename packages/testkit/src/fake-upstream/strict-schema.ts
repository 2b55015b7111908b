import { arrayOf, isObject, objectsOf } from '../json.ts';

/**
 * What OpenAI's strict mode misses in a schema: every object closed and every property required.
 * Source: protocols.md 9.6, and the refusal recorded in mir-model-call-with-tools.1.
 */
export function findStrictFault(schema: unknown, context: readonly string[] = []): string | undefined {
  if (!isObject(schema)) return undefined;
  const place = `In context=(${context.map((step) => `'${step}'`).join(', ')})`;
  const properties = isObject(schema.properties) ? schema.properties : {};
  const isObjectType = schema.type === 'object' || arrayOf(schema.type).includes('object');
  if (isObjectType) {
    if (schema.additionalProperties !== false) {
      return `${place}, 'additionalProperties' is required to be supplied and to be false.`;
    }
    const required = arrayOf(schema.required);
    const missing = Object.keys(properties).find((name) => !required.includes(name));
    if (missing !== undefined) {
      return `${place}, 'required' is required to be supplied and to be an array including every key in properties. Missing '${missing}'.`;
    }
  }
  const inner: readonly (readonly [readonly string[], unknown])[] = [
    ...Object.entries(properties).map(([name, value]) => [['properties', name], value] as const),
    [['items'], schema.items],
    ...objectsOf(schema.anyOf).map((value, index) => [['anyOf', String(index)], value] as const),
    ...Object.entries(isObject(schema.$defs) ? schema.$defs : {}).map(
      ([name, value]) => [['$defs', name], value] as const,
    ),
  ];
  for (const [steps, value] of inner) {
    const fault = findStrictFault(value, [...context, ...steps]);
    if (fault !== undefined) return fault;
  }
  return undefined;
}
