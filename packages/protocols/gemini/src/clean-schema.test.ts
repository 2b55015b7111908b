import { isObject, type JsonObject } from '@proxycast/wire';
import { describe, expect, test } from 'vitest';
import { cleanParameters, cleanSchema } from './clean-schema.ts';

/** The schema of one property of a function. */
function property(schema: unknown, more: JsonObject = {}): unknown {
  const cleaned = cleanParameters({ type: 'object', properties: { x: schema }, ...more });
  return isObject(cleaned?.properties) ? cleaned.properties.x : undefined;
}

test.each([
  ['bug 62: $schema and its like', { $schema: 's', $id: 'i', $comment: 'c', type: 'string' }, { type: 'STRING' }],
  ['bug 63: const', { const: 'a' }, { type: 'STRING', enum: ['a'] }],
  ['const of another kind', { const: 5 }, { type: 'INTEGER', description: 'Always 5.' }],
  [
    'bug 64: exclusive bounds of whole numbers',
    { type: 'integer', exclusiveMinimum: 3, exclusiveMaximum: 9 },
    { type: 'INTEGER', minimum: 4, maximum: 8 },
  ],
  [
    'exclusive bounds',
    { type: 'number', exclusiveMinimum: 0.5 },
    { type: 'NUMBER', minimum: 0.5, description: 'Greater than 0.5.' },
  ],
  [
    'exclusive bounds of the fourth draft',
    { type: 'integer', minimum: 3, exclusiveMinimum: true },
    { type: 'INTEGER', minimum: 4 },
  ],
  ['a list of values', { type: 'string', enum: ['a', '', null] }, { type: 'STRING', enum: ['a'], nullable: true }],
  ['a list of numbers', { enum: [1, 2] }, { type: 'INTEGER', description: 'One of: [1,2].' }],
  ['a list of truths', { type: 'boolean', enum: [true] }, { type: 'BOOLEAN', description: 'Always true.' }],
  ['a type or null', { type: ['string', 'null'], minLength: 1 }, { type: 'STRING', nullable: true, minLength: 1 }],
  [
    'several types',
    { type: ['string', 'integer'], description: 'd' },
    {
      anyOf: [
        { type: 'STRING', description: 'd' },
        { type: 'INTEGER', description: 'd' },
      ],
    },
  ],
  [
    'an alternative of null',
    { anyOf: [{ type: 'string' }, { type: 'null' }], title: 't' },
    { type: 'STRING', nullable: true, title: 't' },
  ],
  ['oneOf', { oneOf: [{ type: 'string' }, { type: 'number' }] }, { anyOf: [{ type: 'STRING' }, { type: 'NUMBER' }] }],
  [
    'alternatives with words beside them',
    { anyOf: [{ type: 'string' }, { type: 'number' }], description: 'd' },
    {
      anyOf: [
        { type: 'STRING', description: 'd' },
        { type: 'NUMBER', description: 'd' },
      ],
    },
  ],
  [
    'alternatives in alternatives',
    { anyOf: [{ anyOf: [{ type: 'string' }, { type: 'number' }] }, { type: 'boolean' }] },
    { anyOf: [{ type: 'STRING' }, { type: 'NUMBER' }, { type: 'BOOLEAN' }] },
  ],
  [
    'allOf',
    {
      allOf: [
        { type: 'object', properties: { a: { type: 'string' } } },
        { properties: { b: { type: 'number' } }, required: ['b'] },
      ],
    },
    { type: 'OBJECT', properties: { a: { type: 'STRING' }, b: { type: 'NUMBER' } }, required: ['b'] },
  ],
  ['a format it knows', { type: 'string', format: 'date-time' }, { type: 'STRING', format: 'date-time' }],
  [
    'a format it does not know',
    { type: 'string', format: 'uri', description: 'd' },
    { type: 'STRING', description: 'd\nFormat: uri.' },
  ],
  [
    'a tuple',
    { type: 'array', prefixItems: [{ type: 'string' }, { type: 'string' }] },
    { type: 'ARRAY', items: { type: 'STRING' } },
  ],
  ['a list of anything', { type: 'array' }, { type: 'ARRAY', items: { type: 'STRING' } }],
  [
    'a map',
    { type: 'object', additionalProperties: { type: 'string' } },
    { type: 'OBJECT', description: 'Other properties: {"type":"string"}.' },
  ],
  [
    'an object that is closed',
    { type: 'object', properties: { a: true }, additionalProperties: false },
    { type: 'OBJECT', properties: { a: { type: 'OBJECT' } } },
  ],
  [
    'what is required and not there',
    { type: 'object', properties: { a: { type: 'string' } }, required: ['a', 'b'] },
    { type: 'OBJECT', properties: { a: { type: 'STRING' } }, required: ['a'] },
  ],
  ['anything', true, { type: 'OBJECT' }],
  [
    'words for what it has no keyword for',
    { type: 'integer', multipleOf: 5 },
    { type: 'INTEGER', description: 'Multiple of: 5.' },
  ],
  [
    'conditions on what is described',
    { type: 'object', properties: { a: { type: 'string' } }, anyOf: [{ required: ['a'] }] },
    { type: 'OBJECT', properties: { a: { type: 'STRING' } }, description: 'One of: [{"required":["a"]}].' },
  ],
  [
    'type names of other languages',
    { type: 'dict', properties: { a: { type: 'bool' } } },
    { type: 'OBJECT', properties: { a: { type: 'BOOLEAN' } } },
  ],
])('%s', (_name, schema, cleaned) => {
  expect(property(schema)).toEqual(cleaned);
});

describe('references', () => {
  const $defs = {
    Name: { type: 'string', description: 'A name.' },
    Tree: {
      type: 'object',
      properties: { name: { $ref: '#/$defs/Name' }, children: { type: 'array', items: { $ref: '#/$defs/Tree' } } },
    },
    'a/b%': { type: 'number' },
  };

  test('bug 65: with siblings are resolved', () => {
    expect(property({ $ref: '#/$defs/Name', title: 'N' }, { $defs })).toEqual({
      type: 'STRING',
      title: 'N',
      description: 'A name.',
    });
  });

  test('end where they would go on for ever', () => {
    expect(property({ $ref: '#/$defs/Tree' }, { $defs })).toEqual({
      type: 'OBJECT',
      properties: {
        name: { type: 'STRING', description: 'A name.' },
        children: { type: 'ARRAY', items: { type: 'OBJECT' } },
      },
    });
    expect(cleanParameters({ $ref: '#/$defs/Tree', $defs })).toMatchObject({
      type: 'OBJECT',
      properties: { name: {} },
    });
    expect(property({ $ref: '#/properties/x' })).toEqual({ type: 'OBJECT' });
  });

  test('may have names that are escaped, and lead nowhere', () => {
    expect(property({ $ref: '#/$defs/a~1b%25' }, { $defs })).toEqual({ type: 'NUMBER' });
    expect(property({ $ref: 'https://elsewhere/schema' })).toEqual({ type: 'OBJECT' });
  });

  test('that unfold to a huge schema are bounded', () => {
    const wide = Object.fromEntries(
      Array.from({ length: 60 }, (_, level) => [
        `D${level}`,
        {
          type: 'object',
          properties: Object.fromEntries(
            [1, 2, 3, 4, 5].map((name) => [`p${name}`, { $ref: `#/$defs/D${level + 1}` }]),
          ),
        },
      ]),
    );
    const cleaned = cleanParameters({ type: 'object', properties: { x: { $ref: '#/$defs/D0' } }, $defs: wide });
    expect(JSON.stringify(cleaned).length).toBeLessThan(500_000);
  });

  test.each(['allOf', 'anyOf', 'items', 'not'])('a schema that nests without end by %s is cut', (keyword) => {
    let schema: JsonObject = { type: 'string' };
    for (let depth = 0; depth < 20_000; depth++)
      schema = { [keyword]: keyword === 'items' || keyword === 'not' ? schema : [schema] };
    expect(property(schema)).toBeDefined();
  });
});

test('only places of schemas are walked, and properties keep their order', () => {
  const names = ['title', 'const', 'format', 'type', 'enum', '$ref', 'properties', 'anyOf', 'zebra', 'apple'];
  const properties = Object.fromEntries(names.map((name) => [name, { type: 'string' }]));
  const cleaned = cleanParameters({ type: 'object', properties, required: ['const'], default: { const: 1 } });
  expect(cleaned).toEqual({
    type: 'OBJECT',
    properties: Object.fromEntries(names.map((name) => [name, { type: 'STRING' }])),
    required: ['const'],
  });
  expect(Object.keys(cleaned?.properties ?? {})).toEqual(names);
  expect(Object.keys(property(JSON.parse('{"properties":{"__proto__":{"type":"string"}}}')) ?? {})).toContain(
    'properties',
  );
});

test('parameters are one object, or absent', () => {
  expect(cleanParameters({})).toBeUndefined();
  expect(cleanParameters({ type: 'object', properties: {} })).toBeUndefined();
  const one = { type: 'object', properties: { a: { type: 'string' } }, required: ['a'] };
  const other = { type: 'object', properties: { b: { type: 'string' } }, required: ['b', 'a'] };
  expect(cleanParameters({ anyOf: [one, other] })).toEqual({
    type: 'OBJECT',
    properties: { a: { type: 'STRING' }, b: { type: 'STRING' } },
    required: ['a'],
  });
});

test('bug 66: the schema of an answer says in which order its properties come', () => {
  expect(cleanSchema({ type: 'object', properties: { b: { type: 'string' }, a: { type: 'string' } } })).toEqual({
    type: 'OBJECT',
    properties: { b: { type: 'STRING' }, a: { type: 'STRING' } },
    propertyOrdering: ['b', 'a'],
  });
  expect(cleanSchema({ type: 'array', items: { type: 'number' } })).toEqual({
    type: 'ARRAY',
    items: { type: 'NUMBER' },
  });
});
