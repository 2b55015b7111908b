import type { JsonObject } from '@proxycast/spec';
import { isObject } from '@proxycast/wire';
import { mergeSchemas } from './merge-schemas.ts';
import { resolveReference } from './resolve-reference.ts';

/** What the OpenAPI form takes as it is, by type. Every other keyword is refused as an unknown name. */
const KEPT: Readonly<Record<string, readonly string[]>> = {
  STRING: ['minLength', 'maxLength', 'pattern'],
  NUMBER: ['minimum', 'maximum'],
  INTEGER: ['minimum', 'maximum'],
  BOOLEAN: [],
  ARRAY: ['minItems', 'maxItems'],
  OBJECT: ['minProperties', 'maxProperties'],
};

const FORMATS: Readonly<Record<string, readonly string[]>> = {
  STRING: ['date-time', 'enum'],
  NUMBER: ['float', 'double'],
  INTEGER: ['int32', 'int64'],
};

/** Type names of JSON Schema, and of those who write their own languages' names. */
const TYPES: ReadonlyMap<string, string> = new Map([
  ['string', 'STRING'],
  ['str', 'STRING'],
  ['number', 'NUMBER'],
  ['float', 'NUMBER'],
  ['integer', 'INTEGER'],
  ['int', 'INTEGER'],
  ['boolean', 'BOOLEAN'],
  ['bool', 'BOOLEAN'],
  ['array', 'ARRAY'],
  ['list', 'ARRAY'],
  ['object', 'OBJECT'],
  ['dict', 'OBJECT'],
  ['null', 'NULL'],
]);

/** Constraints that are said in words: a model reads the description. */
const SAID: Readonly<Record<string, string>> = {
  multipleOf: 'Multiple of',
  uniqueItems: 'Items are unique',
  not: 'Not',
  contains: 'Contains',
  propertyNames: 'Property names',
  patternProperties: 'Properties by pattern',
  dependentRequired: 'Required together',
  contentMediaType: 'Media type',
};

// References may point at each other, and a small schema may unfold to a huge one.
const MAX_DEPTH = 24;
const MAX_SCHEMAS = 4000;
const MAX_WORDS_CHARACTERS = 400;

/**
 * The schema of an answer as the service takes it: the subset of OpenAPI 3.0 that every model of the dialect knows. Only
 * places of schemas are walked: a property called `const` or `format` is data. The order of properties stays.
 */
export const cleanSchema = (schema: JsonObject): JsonObject => new SchemaCleaner(schema, true).clean(schema, 0);

/** The same for what a function takes; `undefined` where it takes nothing, as an object without properties is refused. */
export function cleanParameters(schema: JsonObject): JsonObject | undefined {
  const cleaner = new SchemaCleaner(schema, false);
  const cleaned = cleaner.clean(cleaner.asObject(schema), 0);
  return isObject(cleaned.properties) ? { ...cleaned, type: 'OBJECT' } : undefined;
}

class SchemaCleaner {
  readonly #root: JsonObject;
  /** Answers come in alphabetical order unless it is said. */
  readonly #hasOrdering: boolean;
  readonly #path: JsonObject[] = [];
  #count = 0;

  constructor(root: JsonObject, hasOrdering: boolean) {
    this.#root = root;
    this.#hasOrdering = hasOrdering;
  }

  clean(schema: unknown, depth: number): JsonObject {
    this.#count++;
    // `true` allows anything, which has no word here.
    if (!isObject(schema)) return { type: 'OBJECT' };
    if (depth > MAX_DEPTH || this.#count > MAX_SCHEMAS) return cut(schema);
    const target = typeof schema.$ref === 'string' ? resolveReference(this.#root, schema.$ref) : undefined;
    if (target !== undefined && this.#path.includes(target)) return cut(schema);
    if (target !== undefined) this.#path.push(target);
    const cleaned = this.#write(this.#flatten(schema, target), depth);
    if (target !== undefined) this.#path.pop();
    return cleaned;
  }

  /** The parameters of a function are one object: alternatives at the top become its properties. */
  asObject(schema: JsonObject): JsonObject {
    const target = typeof schema.$ref === 'string' ? resolveReference(this.#root, schema.$ref) : undefined;
    const flat = this.#flatten(schema, target);
    const branches = branchesOf(flat);
    if (branches === undefined) return flat;
    const { anyOf: _any, oneOf: _one, ...rest } = flat;
    const objects = branches.map((branch) => this.#resolved(branch)).filter(({ type }) => type !== 'null');
    const properties = objects.reduce<JsonObject>(
      (merged, branch) => mergeSchemas(merged, { properties: isObject(branch.properties) ? branch.properties : {} }),
      { properties: {} },
    );
    // Only what every alternative asks for is asked for.
    const [first, ...others] = objects.map(({ required }) => (Array.isArray(required) ? required : []));
    const required = (first ?? []).filter((name: unknown) => others.every((names) => names.includes(name)));
    const conditions = branches.filter((branch) => isObject(branch) && !hasOwnShape(branch));
    const merged = mergeSchemas(rest, { ...properties, required });
    return conditions.length === 0 ? merged : withWords(merged, `One of: ${jsonOf(conditions)}`);
  }

  #resolved(schema: unknown): JsonObject {
    if (!isObject(schema)) return {};
    const target = typeof schema.$ref === 'string' ? resolveReference(this.#root, schema.$ref) : undefined;
    return this.#flatten(schema, target);
  }

  /** The schema with what it refers to and what it is put together from in one. */
  #flatten(schema: JsonObject, target: JsonObject | undefined): JsonObject {
    const { $ref: _, allOf, ...own } = schema;
    let flat = target === undefined ? own : mergeSchemas(own, this.#flattenAll(target));
    if (Array.isArray(allOf)) {
      for (const part of allOf) flat = mergeSchemas(flat, this.#flattenAll(part));
    }
    return flat;
  }

  #flattenAll(part: unknown): JsonObject {
    if (!isObject(part)) return {};
    this.#count++;
    if (this.#count > MAX_SCHEMAS || this.#path.length > 2 * MAX_DEPTH) return {};
    if (typeof part.$ref !== 'string' && !Array.isArray(part.allOf)) return part;
    const target = typeof part.$ref === 'string' ? resolveReference(this.#root, part.$ref) : undefined;
    if (this.#path.includes(target ?? part)) return {};
    this.#path.push(target ?? part);
    const flat = this.#flatten(part, target);
    this.#path.pop();
    return flat;
  }

  #write(schema: JsonObject, depth: number): JsonObject {
    const branches = branchesOf(schema);
    if (branches !== undefined) return this.#writeBranches(schema, branches, depth);
    const { types, isNullable } = typesOf(schema);
    const [type, ...others] = types;
    if (others.length > 0) {
      const { type: _, ...rest } = schema;
      const written = types.map((name) => this.#writeType({ ...rest, nullable: isNullable }, name, depth));
      return { anyOf: written };
    }
    return this.#writeType(isNullable ? { ...schema, nullable: true } : schema, type ?? guessType(schema), depth);
  }

  /** Beside alternatives nothing else may stand, so each of them says what was said for all. */
  #writeBranches(schema: JsonObject, branches: readonly unknown[], depth: number): JsonObject {
    const { anyOf: _any, oneOf: _one, ...rest } = schema;
    const isNull = (branch: unknown): boolean => isObject(branch) && branch.type === 'null';
    const isNullable = rest.nullable === true || branches.some(isNull) || typesOf(rest).isNullable;
    const wanted = branches.filter((branch) => !isNull(branch));
    // Alternatives that only bind what the schema itself describes, such as which properties go together, are words.
    const hasShape = isObject(rest.properties) || rest.items !== undefined;
    if (wanted.length === 0 || (hasShape && !wanted.some((branch) => hasOwnShape(branch)))) {
      const words = wanted.length === 0 ? rest : withWords(rest, `One of: ${jsonOf(wanted)}`);
      return this.#write(isNullable ? { ...words, nullable: true } : words, depth);
    }
    const common = isNullable ? { ...rest, nullable: true } : rest;
    const [only, ...more] = wanted;
    if (more.length === 0) return this.clean(withCommon(only, common), depth + 1);
    const written = wanted.map((branch) => this.clean(withCommon(branch, common), depth + 1));
    return { anyOf: written.flatMap(({ anyOf, ...branch }) => (Array.isArray(anyOf) ? anyOf : [branch])) };
  }

  #writeType(schema: JsonObject, type: string, depth: number): JsonObject {
    const words: string[] = [];
    const written: Record<string, unknown> = { type };
    if (typeof schema.title === 'string') written.title = schema.title;
    this.#writeValues(schema, type, written, words);
    if (typeof schema.format === 'string') {
      if (written.enum === undefined && FORMATS[type]?.includes(schema.format)) written.format = schema.format;
      else words.push(`Format: ${schema.format}`);
    }
    for (const keyword of KEPT[type] ?? []) {
      const value = schema[keyword];
      if (typeof value === (keyword === 'pattern' ? 'string' : 'number')) written[keyword] = value;
    }
    if (type === 'NUMBER' || type === 'INTEGER') writeExclusive(schema, type, written, words);
    if (type === 'ARRAY') written.items = this.#items(schema, depth, words);
    if (type === 'OBJECT') this.#writeProperties(schema, written, words, depth);
    if (schema.nullable === true) written.nullable = true;
    if (isDefault(schema.default, type)) written.default = schema.default;
    const example: unknown = schema.example ?? (Array.isArray(schema.examples) ? schema.examples[0] : undefined);
    if (example !== undefined && example !== null) written.example = example;
    for (const keyword in SAID) {
      const value = schema[keyword];
      if (value === undefined || value === false) continue;
      words.push(value === true ? (SAID[keyword] ?? '') : `${SAID[keyword]}: ${jsonOf(value)}`);
    }
    const description = joinWords(schema.description, words);
    if (description !== '') written.description = description;
    return written;
  }

  /** Lists of values are texts; of other values the description tells. */
  #writeValues(schema: JsonObject, type: string, written: Record<string, unknown>, words: string[]): void {
    const listed: readonly unknown[] | undefined =
      schema.const !== undefined ? [schema.const] : Array.isArray(schema.enum) ? schema.enum : undefined;
    if (listed === undefined) return;
    const values = listed.filter((value) => value !== null && value !== '');
    if (listed.includes(null)) written.nullable = true;
    if (values.length === 0) return;
    if (type === 'STRING' && values.every((value) => typeof value === 'string')) {
      written.enum = [...new Set(values)];
      return;
    }
    words.push(values.length === 1 ? `Always ${jsonOf(values[0])}` : `One of: ${jsonOf(values)}`);
  }

  #items({ items, prefixItems }: JsonObject, depth: number, words: string[]): JsonObject {
    const tuple = Array.isArray(prefixItems) ? prefixItems : Array.isArray(items) ? items : undefined;
    if (tuple === undefined) return isObject(items) ? this.clean(items, depth + 1) : { type: 'STRING' };
    const rest = isObject(items) ? [items] : [];
    const cleaned = [...tuple, ...rest].map((item) => this.clean(item, depth + 1));
    const different = [...new Map(cleaned.map((item) => [JSON.stringify(item), item])).values()];
    if (different.length > 1) words.push(`In this order: ${jsonOf(tuple)}`);
    const [first] = different;
    return different.length === 1 && first !== undefined ? first : anyOfAll(different);
  }

  #writeProperties(schema: JsonObject, written: Record<string, unknown>, words: string[], depth: number): void {
    const { properties, required, additionalProperties, propertyOrdering } = schema;
    if (isObject(additionalProperties) && Object.keys(additionalProperties).length > 0) {
      words.push(`Other properties: ${jsonOf(additionalProperties)}`);
    }
    // `false` forbids the property.
    const entries = isObject(properties) ? Object.entries(properties).filter(([, value]) => value !== false) : [];
    if (entries.length === 0) return;
    written.properties = Object.fromEntries(entries.map(([name, value]) => [name, this.clean(value, depth + 1)]));
    const names = new Set(entries.map(([name]) => name));
    const known = (list: unknown): readonly string[] =>
      Array.isArray(list) ? [...new Set(list.filter((name) => typeof name === 'string' && names.has(name)))] : [];
    const needed = known(required);
    if (needed.length > 0) written.required = needed;
    const ordering = known(propertyOrdering);
    if (ordering.length === names.size) written.propertyOrdering = ordering;
    else if (this.#hasOrdering) written.propertyOrdering = [...names];
  }
}

/** Where a schema would go on without end. */
function cut({ description }: JsonObject): JsonObject {
  return { type: 'OBJECT', ...(typeof description === 'string' ? { description } : {}) };
}

function branchesOf({ anyOf, oneOf }: JsonObject): readonly unknown[] | undefined {
  if (Array.isArray(anyOf) && anyOf.length > 0) return anyOf;
  return Array.isArray(oneOf) && oneOf.length > 0 ? oneOf : undefined;
}

const SHAPES = ['type', 'properties', 'items', 'enum', 'const', '$ref', 'anyOf', 'oneOf', 'allOf'];
const hasOwnShape = (branch: unknown): boolean => isObject(branch) && SHAPES.some((name) => branch[name] !== undefined);

/** A reference with keywords beside it stays one: it is resolved with them. */
function withCommon(branch: unknown, common: JsonObject): JsonObject {
  return isObject(branch) ? mergeSchemas(branch, withoutType(branch, common)) : common;
}

/** The type of all is not the type of an alternative that has its own, or refers to one. */
function withoutType(branch: JsonObject, common: JsonObject): JsonObject {
  if (common.type === undefined || (branch.type === undefined && branch.$ref === undefined)) return common;
  const { type: _, ...rest } = common;
  return rest;
}

function typesOf({ type, nullable }: JsonObject): { readonly types: readonly string[]; readonly isNullable: boolean } {
  const named: readonly unknown[] = Array.isArray(type) ? type : [type];
  const known = named
    .map((name) => (typeof name === 'string' ? TYPES.get(name.toLowerCase()) : undefined))
    .filter((name) => name !== undefined);
  const types = [...new Set(known.filter((name) => name !== 'NULL'))];
  return { types, isNullable: nullable === true || known.includes('NULL') };
}

/** The type of a schema that names none. */
function guessType(schema: JsonObject): string {
  if (schema.items !== undefined || schema.prefixItems !== undefined) return 'ARRAY';
  if (isObject(schema.properties) || schema.additionalProperties !== undefined) return 'OBJECT';
  const values: readonly unknown[] = Array.isArray(schema.enum) ? schema.enum : [schema.const];
  const value = values.find((candidate) => candidate !== undefined && candidate !== null);
  if (typeof value === 'number') return Number.isInteger(value) ? 'INTEGER' : 'NUMBER';
  if (typeof value === 'boolean') return 'BOOLEAN';
  const isText =
    typeof value === 'string' || ['pattern', 'minLength', 'maxLength', 'format'].some((name) => name in schema);
  if (isText) return 'STRING';
  const isNumber = ['minimum', 'maximum', 'exclusiveMinimum', 'exclusiveMaximum', 'multipleOf'].some(
    (name) => name in schema,
  );
  if (isNumber) return 'NUMBER';
  return schema.nullable === true ? 'STRING' : 'OBJECT';
}

/** Bounds that exclude themselves: the next whole number; elsewhere the bound itself, and words. */
function writeExclusive(
  { exclusiveMinimum, exclusiveMaximum, minimum, maximum }: JsonObject,
  type: string,
  written: Record<string, unknown>,
  words: string[],
): void {
  // The fourth draft has a flag beside the bound.
  const above = exclusiveMinimum === true ? minimum : exclusiveMinimum;
  const below = exclusiveMaximum === true ? maximum : exclusiveMaximum;
  if (typeof above === 'number') {
    if (type === 'INTEGER') written.minimum = Math.floor(above) + 1;
    else {
      written.minimum = above;
      words.push(`Greater than ${above}`);
    }
  }
  if (typeof below === 'number') {
    if (type === 'INTEGER') written.maximum = Math.ceil(below) - 1;
    else {
      written.maximum = below;
      words.push(`Less than ${below}`);
    }
  }
}

function isDefault(value: unknown, type: string): boolean {
  if (type === 'STRING') return typeof value === 'string';
  if (type === 'BOOLEAN') return typeof value === 'boolean';
  return (type === 'NUMBER' || type === 'INTEGER') && typeof value === 'number';
}

const anyOfAll = (schemas: readonly JsonObject[]): JsonObject => ({
  anyOf: schemas.flatMap(({ anyOf, ...schema }) => (Array.isArray(anyOf) ? anyOf : [schema])),
});

function withWords(schema: JsonObject, words: string): JsonObject {
  return { ...schema, description: joinWords(schema.description, [words]) };
}

function joinWords(description: unknown, words: readonly string[]): string {
  const said = words.map((text) => `${text}.`).join(' ');
  if (typeof description !== 'string' || description === '') return said;
  return said === '' ? description : `${description}\n${said}`;
}

function jsonOf(value: unknown): string {
  let json = '';
  try {
    json = JSON.stringify(value);
  } catch {
    // Nested deeper than the stack: nothing a model could read.
  }
  return json.length <= MAX_WORDS_CHARACTERS ? json : `${json.slice(0, MAX_WORDS_CHARACTERS)}…`;
}
