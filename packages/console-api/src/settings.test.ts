import { expect, test } from 'vitest';
import { readSettings, settingSchemas, settingsPatchSchema } from './settings.ts';

const KEYS = Object.keys(settingSchemas);

test('every setting has a default that is valid and a description', () => {
  expect(Object.keys(readSettings({}))).toEqual(KEYS);
  for (const schema of Object.values(settingSchemas)) expect(schema.meta()?.description).toBeTypeOf('string');
});

test.each(KEYS)('%s can be set to its default and put back with null', (key) => {
  const value = Object.entries(readSettings({})).find(([name]) => name === key)?.[1];
  expect(settingsPatchSchema.safeParse({ [key]: value }).success).toBe(true);
  expect(settingsPatchSchema.safeParse({ [key]: null }).success).toBe(true);
});

test('absent is not undefined, and an unknown key is no setting', () => {
  expect(settingsPatchSchema.safeParse({ 'limits.max_attempts': undefined }).success).toBe(false);
  expect(settingsPatchSchema.safeParse({ 'limits.max_colours': 1 }).success).toBe(false);
});
