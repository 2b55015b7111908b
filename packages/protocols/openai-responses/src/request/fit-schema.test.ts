import { describe, expect, test } from 'vitest';
import { fitSchema } from './fit-schema.ts';
import { isStrictSchema } from './is-strict-schema.ts';

const text = { type: 'string' };

describe('fitSchema', () => {
  test('leaves a schema alone that is taken as it is', () => {
    const schema = { type: 'object', properties: { a: { type: 'array', items: text }, items: text } };
    expect(fitSchema(schema).schema).toBe(schema);
    expect(fitSchema(schema).isWeaker).toBe(false);
  });

  test.each([
    [{}, { type: 'object', properties: {} }],
    [{ type: 'object' }, { type: 'object', properties: {} }],
    [{ properties: { a: text } }, { type: 'object', properties: { a: text } }],
    [
      { type: 'object', properties: { a: { type: 'array' }, b: { anyOf: [{ type: ['array', 'null'] }] } } },
      {
        type: 'object',
        properties: { a: { type: 'array', items: {} }, b: { anyOf: [{ type: ['array', 'null'], items: {} }] } },
      },
    ],
    [
      { type: 'object', properties: { type: text, enum: text } },
      { type: 'object', properties: { type: text, enum: text } },
    ],
  ])('makes %j an object with items for its arrays', (schema, fitted) => {
    expect(fitSchema(schema)).toEqual({ schema: fitted, isWeaker: false });
  });

  test('makes properties of alternatives at the top, and says that less is told apart', () => {
    const schema = { anyOf: [{ properties: { a: text } }, { properties: { b: text } }], description: 'one of' };
    expect(fitSchema(schema)).toEqual({
      schema: { type: 'object', description: 'one of', properties: { a: text, b: text } },
      isWeaker: true,
    });
  });
});

test.each([
  [{ type: 'object', properties: { a: text }, required: ['a'], additionalProperties: false }, true],
  [{ type: 'object', properties: { a: text }, required: [], additionalProperties: false }, false],
  [{ type: 'object', properties: {}, required: [] }, false],
  [{ type: 'array', items: { type: 'object', properties: {} } }, false],
  [{ anyOf: [{ type: 'object' }] }, false],
  [{ oneOf: [text] }, false],
  [text, true],
])('strict mode takes %j: %s', (schema, isTaken) => {
  expect(isStrictSchema(schema)).toBe(isTaken);
});

test('a schema that is deeper than any real one ends nothing', () => {
  let schema: object = text;
  for (let depth = 0; depth < 5000; depth++) schema = { type: 'object', properties: { a: schema } };
  expect(fitSchema({ ...schema }).isWeaker).toBe(false);
  expect(isStrictSchema(schema)).toBe(false);
});
