import { expect, test } from 'vitest';
import { z } from 'zod';
import * as consoleApi from './index.ts';
import { NAMED_ANSWERS, NAMED_BODIES } from './named-schemas.ts';

test('every exported schema of a body or an answer has a name', () => {
  const named = new Set<unknown>([...Object.values(NAMED_BODIES), ...Object.values(NAMED_ANSWERS)]);
  // Queries are described as parameters.
  const unnamed = Object.entries(consoleApi).filter(
    ([name, value]) => name.endsWith('Schema') && name !== 'requestQuerySchema' && !named.has(value),
  );
  expect(unnamed.map(([name]) => name)).toEqual([]);
});

test('no name is used twice', () => {
  const names = [...Object.keys(NAMED_BODIES), ...Object.keys(NAMED_ANSWERS)];
  expect(new Set(names).size).toBe(names.length);
});

test.each(Object.entries({ ...NAMED_BODIES, ...NAMED_ANSWERS }))('%s refuses unknown fields', (_name, schema) => {
  const result = schema.safeParse({ colour: 'red' });
  expect(result.error?.issues).toContainEqual(expect.objectContaining({ code: 'unrecognized_keys', keys: ['colour'] }));
});

test.each(Object.entries(NAMED_BODIES))('%s is described by JSON Schema without a gap', (_name, schema) => {
  expect(() => z.toJSONSchema(schema, { io: 'input', unrepresentable: 'throw' })).not.toThrow();
});
