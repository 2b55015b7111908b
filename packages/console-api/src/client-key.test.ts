import { expect, test } from 'vitest';
import { clientKeyCreateSchema, clientKeySchema } from './client-key.ts';

test('a limit is absent, null or a list with something in it', () => {
  for (const value of [null, ['gpt-*']]) {
    expect(clientKeyCreateSchema.parse({ allowed_models: value })).toEqual({ allowed_models: value });
  }
  expect(clientKeyCreateSchema.parse({})).toEqual({});
  expect(clientKeyCreateSchema.safeParse({ allowed_models: [] }).success).toBe(false);
});

test('the answer has no room for a key or its hash', () => {
  expect(Object.keys(clientKeySchema.shape)).not.toContain('key');
  expect(Object.keys(clientKeySchema.shape)).not.toContain('sha256');
});
