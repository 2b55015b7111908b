import type { JsonSchema } from './json-schema.ts';

/** What is wrong with one place of a value. `path` is dotted, and empty for the value itself. */
export interface SchemaFault {
  readonly path: string;
  /** Says what has to be there, without repeating the value, which may be secret. */
  readonly message: string;
}

/** More faults than this help nobody, and a hostile value would otherwise make as many as it has places. */
const MAX_FAULTS = 50;

/**
 * Where a value does not follow a schema; empty when it does. Interprets, so a schema from outside makes no code.
 *
 * `patterns`: whether `pattern` is looked at. Only for schemas of our own: an expression from outside may take for ever.
 */
export function findSchemaFaults(
  schema: JsonSchema,
  value: unknown,
  { patterns = true, path = '' }: { readonly patterns?: boolean; readonly path?: string } = {},
): readonly SchemaFault[] {
  const faults: SchemaFault[] = [];
  check(schema, value, path, { faults, patterns });
  return faults;
}

interface Run {
  readonly faults: SchemaFault[];
  readonly patterns: boolean;
}

function check(schema: JsonSchema, value: unknown, path: string, run: Run): void {
  if (run.faults.length >= MAX_FAULTS) return;
  const fault = (message: string): void => void run.faults.push({ path, message });

  if (schema.anyOf !== undefined) {
    checkAnyOf(schema.anyOf, schema.discriminator?.propertyName, value, path, run);
    return;
  }
  const wrong = whatIsWrongWith(schema, value);
  if (wrong !== undefined) {
    fault(wrong);
    return;
  }
  if (typeof value === 'string') checkText(schema, value, fault, run.patterns);
  else if (typeof value === 'number') checkNumber(schema, value, fault);
  else if (Array.isArray(value)) checkItems(schema, value, path, run, fault);
  else if (isObject(value)) checkFields(schema, value, path, run, fault);
}

function whatIsWrongWith(schema: JsonSchema, value: unknown): string | undefined {
  if (schema.const !== undefined && value !== schema.const) return `must be ${JSON.stringify(schema.const)}`;
  if (schema.enum !== undefined && !schema.enum.some((one) => one === value)) {
    return `must be one of ${schema.enum.join(', ')}`;
  }
  if (schema.type !== undefined && !isOfType(schema.type, value)) return `must be ${article(schema.type)}`;
  return undefined;
}

function checkAnyOf(
  members: readonly JsonSchema[],
  discriminator: string | undefined,
  value: unknown,
  path: string,
  run: Run,
): void {
  if (discriminator === undefined) {
    if (!members.some((member) => findSchemaFaults(member, value, { patterns: run.patterns }).length === 0)) {
      run.faults.push({ path, message: 'has none of the forms that are allowed here' });
    }
    return;
  }
  const tag = isObject(value) ? value[discriminator] : undefined;
  const tagOf = (member: JsonSchema): string | undefined => member.properties?.[discriminator]?.const;
  const member = members.find((one) => tagOf(one) === tag);
  if (member !== undefined) check(member, value, path, run);
  else
    run.faults.push({
      path: join(path, discriminator),
      message: `must be one of ${members.map(tagOf).join(', ')}`,
    });
}

function checkText(schema: JsonSchema, value: string, fault: (message: string) => void, patterns: boolean): void {
  if (schema.minLength !== undefined && value.length < schema.minLength) {
    fault(schema.minLength === 1 ? 'must not be empty' : `must have ${schema.minLength} characters at least`);
  } else if (schema.maxLength !== undefined && value.length > schema.maxLength) {
    fault(`must have ${schema.maxLength} characters at most`);
  } else if (patterns && schema.pattern !== undefined && !new RegExp(schema.pattern, 'u').test(value)) {
    fault(schema.description === undefined ? `must match ${schema.pattern}` : `must be ${schema.description}`);
  }
}

function checkNumber(schema: JsonSchema, value: number, fault: (message: string) => void): void {
  if (schema.minimum !== undefined && value < schema.minimum) fault(`must be ${schema.minimum} at least`);
  if (schema.maximum !== undefined && value > schema.maximum) fault(`must be ${schema.maximum} at most`);
}

function checkItems(
  schema: JsonSchema,
  value: readonly unknown[],
  path: string,
  run: Run,
  fault: (message: string) => void,
): void {
  if (schema.minItems !== undefined && value.length < schema.minItems) {
    fault(`must have ${schema.minItems} items at least`);
  }
  if (schema.maxItems !== undefined && value.length > schema.maxItems) {
    fault(`must have ${schema.maxItems} items at most`);
    return;
  }
  if (schema.items === undefined) return;
  for (const [index, item] of value.entries()) check(schema.items, item, join(path, String(index)), run);
}

function checkFields(
  schema: JsonSchema,
  value: Readonly<Record<string, unknown>>,
  path: string,
  run: Run,
  fault: (message: string) => void,
): void {
  for (const name of schema.required ?? []) {
    if (!Object.hasOwn(value, name)) run.faults.push({ path: join(path, name), message: 'is missing' });
  }
  const { properties = {}, additionalProperties, maxProperties } = schema;
  const names = Object.keys(value);
  if (maxProperties !== undefined && names.length > maxProperties) {
    fault(`must have ${maxProperties} fields at most`);
    return;
  }
  for (const name of names) {
    const field = Object.hasOwn(properties, name) ? properties[name] : additionalProperties;
    if (field !== undefined) check(field, value[name], join(path, name), run);
  }
}

function isOfType(type: NonNullable<JsonSchema['type']>, value: unknown): boolean {
  switch (type) {
    case 'object':
      return isObject(value);
    case 'array':
      return Array.isArray(value);
    case 'integer':
      return Number.isSafeInteger(value);
    case 'number':
      return Number.isFinite(value);
    case 'null':
      return value === null;
    case 'string':
    case 'boolean':
      return typeof value === type;
  }
}

const isObject = (value: unknown): value is Readonly<Record<string, unknown>> =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

const article = (type: string): string =>
  type === 'null' ? 'null' : /^[aeiou]/.test(type) ? `an ${type}` : `a ${type}`;

const join = (path: string, name: string): string => (path === '' ? name : `${path}.${name}`);
