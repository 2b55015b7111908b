import type { FunctionTool, JsonObject, ReportChange } from '@proxycast/spec';
import { isObject } from '@proxycast/wire';

const BRANCHES = ['anyOf', 'oneOf', 'allOf'] as const;

/**
 * The schema of a tool's input in the form the API takes: an object at the top, and there no choice between schemas. The
 * properties of all choices stand beside each other then, required are those that all of them require.
 */
export function objectSchemaOf({ inputSchema, name }: FunctionTool, report: ReportChange): JsonObject {
  const branches = BRANCHES.flatMap((word) => {
    const list = inputSchema[word];
    return Array.isArray(list) ? list.filter(isObject) : [];
  });
  if (branches.length === 0) return withType(inputSchema);
  report(`tools.${name}`, 'changed');
  const { anyOf: _any, oneOf: _one, allOf: all, ...rest } = inputSchema;
  const properties = Object.assign({}, ...branches.map((branch) => propertiesOf(branch)), propertiesOf(inputSchema));
  const own = namesOf(inputSchema.required);
  const lists = branches.map(({ required }) => namesOf(required));
  const common = Array.isArray(all)
    ? lists.flat()
    : (lists[0] ?? []).filter((field) => lists.every((list) => list.includes(field)));
  const required = [...new Set([...own, ...common])];
  return { ...withType(rest), properties, ...(required.length === 0 ? {} : { required }) };
}

function withType(schema: JsonObject): JsonObject {
  const typed = schema.type === 'object' ? schema : { ...schema, type: 'object' };
  return isObject(typed.properties) ? typed : { ...typed, properties: {} };
}

const propertiesOf = ({ properties }: JsonObject): JsonObject => (isObject(properties) ? properties : {});

const namesOf = (value: unknown): readonly string[] =>
  Array.isArray(value) ? value.filter((name) => typeof name === 'string') : [];
