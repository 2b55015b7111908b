import { expect, test } from 'vitest';
import { closeSchema } from './close-schema.ts';

test('every object is closed, wherever a schema stands, and data is not touched', () => {
  const object = { type: 'object', properties: { x: { type: 'string' } } };
  const closed = { ...object, additionalProperties: false };
  const schema = {
    type: 'object',
    properties: {
      type: object,
      list: { type: 'array', items: object },
      either: { anyOf: [object, { type: 'null' }] },
      default: { type: 'string', default: { type: 'object' }, enum: [{ type: 'object' }] },
    },
    $defs: { node: { type: ['object', 'null'], properties: {}, additionalProperties: true } },
  };
  expect(closeSchema(schema)).toEqual({
    type: 'object',
    additionalProperties: false,
    properties: {
      type: closed,
      list: { type: 'array', items: closed },
      either: { anyOf: [closed, { type: 'null' }] },
      default: schema.properties.default,
    },
    $defs: { node: { type: ['object', 'null'], properties: {}, additionalProperties: false } },
  });
});

test('a schema that is closed is the same object', () => {
  const schema = {
    type: 'object',
    additionalProperties: false,
    properties: { x: { type: 'array', items: { type: 'string' } } },
  };
  expect(closeSchema(schema)).toBe(schema);
});
