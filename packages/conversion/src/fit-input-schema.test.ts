import { describe, expect, test } from 'vitest';
import { fitInputSchema } from './fit-input-schema.ts';

const a = { a: { type: 'string' } };
const b = { b: { anyOf: [{ type: 'string' }, { type: 'null' }] } };

describe('fitInputSchema', () => {
  test('leaves a schema of an object as it is', () => {
    const schema = { type: 'object', properties: { anyOf: { type: 'string' } }, $defs: {} };
    expect(fitInputSchema(schema)).toBe(schema);
  });

  test.each([
    ['nothing', {}, { type: 'object', properties: {} }],
    ['no type', { properties: a, description: 'x' }, { type: 'object', properties: a, description: 'x' }],
    ['an object or null', { type: ['object', 'null'], properties: a }, { type: 'object', properties: a }],
    [
      'one of two forms',
      {
        anyOf: [
          { type: 'object', properties: a, required: ['a'] },
          { type: 'object', properties: b },
        ],
      },
      { type: 'object', properties: { ...a, ...b } },
    ],
    [
      'what all forms demand',
      {
        oneOf: [
          { properties: { ...a, ...b }, required: ['a', 'b'] },
          { properties: a, required: ['a'] },
        ],
        title: 't',
      },
      { type: 'object', title: 't', properties: { ...b, ...a }, required: ['a'] },
    ],
    [
      'all of two forms',
      {
        type: 'object',
        allOf: [
          { properties: a, required: ['a'] },
          { properties: b, required: ['b'] },
        ],
      },
      { type: 'object', properties: { ...a, ...b }, required: ['a', 'b'] },
    ],
    [
      'forms inside forms, and ones that are no objects',
      { anyOf: [{ type: 'null' }, { type: 'object', allOf: [{ properties: a, required: ['a'] }] }, true] },
      { type: 'object', properties: a, required: ['a'] },
    ],
    [
      'a reference',
      { $ref: '#/$defs/in~1put', $defs: { 'in/put': { type: 'object', properties: a } } },
      { type: 'object', properties: a, $defs: { 'in/put': { type: 'object', properties: a } } },
    ],
  ])('makes an object of %s', (_name, schema, expected) => {
    expect(fitInputSchema(schema)).toEqual(expected);
  });

  test('does not follow references in a circle', () => {
    const circle = { $ref: '#/$defs/x', $defs: { x: { $ref: '#/$defs/x' } } };
    expect(fitInputSchema(circle)).toMatchObject({ type: 'object', properties: {} });
  });
});
