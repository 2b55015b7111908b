import { expect, test } from 'vitest';
import { findSchemaFaults } from './find-schema-faults.ts';
import { integer, list, literal, object, optional, record, text, variants, word } from './json-schema.ts';
import { readSchema } from './read-schema.ts';

const schema = object({
  name: text({ minLength: 1, maxLength: 5, pattern: '^[a-z]+$', description: 'lower-case letters' }),
  kind: word('a', 'b'),
  count: optional(integer({ minimum: 0, maximum: 9 })),
  items: optional(list(text(), { minItems: 1, maxItems: 2 })),
  by_name: optional(record(integer())),
  next: optional(variants(object({ type: literal('go'), to: text() }), object({ type: literal('stop') }))),
});
const good = { name: 'ab', kind: 'a' };

test.each([
  { value: good, faults: [] },
  { value: { ...good, more: 1, next: { type: 'go', to: 'x' } }, faults: [] },
  { value: undefined, faults: [{ path: '', message: 'must be an object' }] },
  { value: [], faults: [{ path: '', message: 'must be an object' }] },
  { value: { kind: 'a' }, faults: [{ path: 'name', message: 'is missing' }] },
  { value: { ...good, name: '' }, faults: [{ path: 'name', message: 'must not be empty' }] },
  { value: { ...good, name: 'abcdef' }, faults: [{ path: 'name', message: 'must have 5 characters at most' }] },
  { value: { ...good, name: 'AB' }, faults: [{ path: 'name', message: 'must be lower-case letters' }] },
  { value: { ...good, kind: 'c' }, faults: [{ path: 'kind', message: 'must be one of a, b' }] },
  { value: { ...good, count: 1.5 }, faults: [{ path: 'count', message: 'must be an integer' }] },
  { value: { ...good, count: -1 }, faults: [{ path: 'count', message: 'must be 0 at least' }] },
  { value: { ...good, count: 10 }, faults: [{ path: 'count', message: 'must be 9 at most' }] },
  { value: { ...good, items: [] }, faults: [{ path: 'items', message: 'must have 1 items at least' }] },
  { value: { ...good, items: ['a', 'b', 'c'] }, faults: [{ path: 'items', message: 'must have 2 items at most' }] },
  { value: { ...good, items: ['a', 1] }, faults: [{ path: 'items.1', message: 'must be a string' }] },
  { value: { ...good, by_name: { x: 'y' } }, faults: [{ path: 'by_name.x', message: 'must be an integer' }] },
  { value: { ...good, next: { type: 'turn' } }, faults: [{ path: 'next.type', message: 'must be one of go, stop' }] },
  { value: { ...good, next: { type: 'go' } }, faults: [{ path: 'next.to', message: 'is missing' }] },
  { value: { ...good, next: 'go' }, faults: [{ path: 'next.type', message: 'must be one of go, stop' }] },
])('$value', ({ value, faults }) => {
  expect(findSchemaFaults(schema, value)).toEqual(faults);
  expect(readSchema(schema, value).type).toBe(faults.length === 0 ? 'valid' : 'invalid');
});

test('what a prototype has is not a field', () => {
  expect(findSchemaFaults(object({ constructor: text() }), {})).toEqual([
    { path: 'constructor', message: 'is missing' },
  ]);
});

test('a hostile value makes fifty faults at most', () => {
  expect(findSchemaFaults(list(text()), Array.from({ length: 5000 }).fill(1)).length).toBe(50);
});

test('an expression from outside is not run where that is asked', () => {
  const foreign = { type: 'string', pattern: '^(a+)+$' } as const;
  const started = performance.now();
  expect(findSchemaFaults(foreign, `${'a'.repeat(40)}!`, { patterns: false })).toEqual([]);
  expect(performance.now() - started).toBeLessThan(100);
});
